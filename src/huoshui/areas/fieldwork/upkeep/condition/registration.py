"""What signs of wear declare: deeds, a panel, background work."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork.upkeep.condition import actions, looking, words
from huoshui.kernel import audit, events, jobs, slots

EVERY = timedelta(hours=6)
DEEDS = {
    "fieldwork.indicator_kept": _("Sign of wear changed"),
    "fieldwork.suggestion_made": _("Maintenance suggested by a sign of wear"),
    "fieldwork.suggestion_accepted": _("Suggestion of maintenance accepted"),
    "fieldwork.suggestion_declined": _("Suggestion of maintenance declined"),
    "fieldwork.suggestion_lapsed": _("Suggestion of maintenance lapsed"),
    "fieldwork.suggestion_judged": _("Suggestion of maintenance judged"),
    "fieldwork.suggestion_done": _("Suggested maintenance done"),
}
DETAILS = {
    "suggestion_reason": _("Reason"),
    "verdict": pgettext_lazy("suggestion", "What the work showed"),
    "indicator_fields": pgettext_lazy("upkeep", "Changed"),
}


def job_closed(event: contracts.JobClosed) -> None:
    """Let the trend begin anew where suggested work was done."""
    if event.origin.startswith(actions.ORIGIN):
        actions.settle_job(event.number)


def register(read: str) -> None:
    """Offer everything; called once when the program starts."""
    from huoshui.areas.fieldwork.upkeep.condition.web import panels

    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    audit.name_subject("fieldwork.indicator", _("Sign of wear"))
    audit.name_details({f"fieldwork.{key}": label for key, label in DETAILS.items()})
    audit.name_values("fieldwork.suggestion_reason", lambda code: words.REASONS.get(code, code))
    audit.name_values("fieldwork.indicator_fields", lambda code: words.FIELDS.get(code, code))
    audit.name_values(
        "fieldwork.verdict",
        lambda code: words.VERDICTS[code][0] if code in words.VERDICTS else code,
    )
    slots.fill("network.asset.panels", panels.asset_signs, permission=read, order=61)
    slots.fill("fieldwork.job.panels", panels.job_suggestion, permission=read, order=7)
    events.listen(
        contracts.JobClosed, job_closed, name="fieldwork.condition_job_closed",
        label=_("Let the trend of a machine begin anew after its work"),
    )  # fmt: skip
    jobs.schedule(
        "fieldwork.condition", every=EVERY, run=looking.look, catch_up=False,
        label=_("Follow signs of wear and suggest maintenance"),
    )  # fmt: skip
