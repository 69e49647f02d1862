"""Leaders who listen to calls, judge them, and see what comes of it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import refusals, rules
from huoshui.areas.hotline.models import Call, Listening
from huoshui.kernel import audit, clock, notices


@transaction.atomic
def judge_call(
    call_id: int,
    *,
    scores: dict[str, int],
    root: str = "",
    note: str = "",
    improvement: str = "",
    owner_id: int | None = None,
    due_date: date | None = None,
    by_id: int,
) -> Listening:
    """Keep how a call was judged, the root of its trouble, and what shall be improved by whom.

    Refuses one's own call, a sheet with an empty line, a second sheet of the same listener, and an
    improvement without owner and day. Whoever owns it is told.
    """
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        raise refusals.NoSuch("call", call_id)
    if call.agent_id == by_id:
        raise refusals.SamePerson(_("You took this call yourself; somebody else judges it."))
    if set(scores) != set(rules.SCORES) or not all(
        1 <= one <= rules.SCORE_MAX for one in scores.values()
    ):
        raise refusals.NeedsValue("scores", _("Give every line of the sheet 1 to 5 points."))
    if Listening.objects.filter(call=call, listened_by_id=by_id).exists():
        raise refusals.NotNow(_("You have judged this call already."), call=call_id)
    improvement = improvement.strip()
    if improvement and (owner_id is None or due_date is None):
        raise refusals.NeedsValue("owner", _("An improvement needs somebody, and a day."))
    row = Listening.objects.create(
        call=call,
        listened_by_id=by_id,
        listened_at=clock.now(),
        scores=scores,
        mean=rules.mean_score(scores),
        root=root,
        note=note.strip(),
        improvement=improvement,
        owner_id=owner_id if improvement else None,
        due_date=due_date if improvement else None,
    )
    audit.record(
        by_id, "hotline.call_judged", f"hotline.call:{call_id}", {"mean": row.mean, "root": root}
    )
    if improvement:
        notices.send(
            users=[owner_id],
            title=_("An improvement of the hotline is yours"),
            text=improvement,
            url=f"/hotline/listening/{row.pk}/",
            key=f"hotline.listening:{row.pk}",
        )
    return row


@transaction.atomic
def finish_improvement(listening_id: int, *, note: str, by_id: int) -> None:
    """Say what was done. Refuses without words, or when it is done already."""
    row = Listening.objects.select_for_update(of=("self",)).filter(pk=listening_id).first()
    if row is None:
        raise refusals.NoSuch("listening", listening_id)
    if not row.improvement or row.done_at is not None:
        raise refusals.NotNow(_("Nothing is open here."), listening=listening_id)
    if not note.strip():
        raise refusals.NeedsValue("note", _("What was done?"))
    row.done_at, row.done_note = clock.now(), note.strip()[:300]
    row.save(update_fields=["done_at", "done_note"])
    audit.record(
        by_id, "hotline.improvement_done", f"hotline.call:{row.call_id}", {"note": row.done_note}
    )
