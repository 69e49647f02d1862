"""Names of the codes of signs of wear, as people read them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork.upkeep.condition.rules import How, Reason, State, Verdict
from huoshui.areas.fieldwork.words import Words

HOWS: dict[str, Words] = {
    How.ALONE: pgettext_lazy("sign of wear", "The point alone"),
    How.ABOVE: pgettext_lazy("sign of wear", "Above another point (such as the room)"),
    How.PER: pgettext_lazy("sign of wear", "Divided by another point (such as the flow)"),
}
STATES: dict[str, tuple[Words, str]] = {
    State.OPEN: (pgettext_lazy("suggestion", "To be decided"), "orange"),
    State.ACCEPTED: (pgettext_lazy("suggestion", "Accepted"), "blue"),
    State.DECLINED: (pgettext_lazy("suggestion", "Declined"), "secondary"),
    State.LAPSED: (pgettext_lazy("suggestion", "Lapsed: the trend went back"), "secondary"),
}
REASONS: dict[str, Words] = {
    Reason.SENSOR: pgettext_lazy("suggestion", "Wrong: the sensor reads falsely"),
    Reason.OPERATION: pgettext_lazy("suggestion", "Wrong: season or way of running, no wear"),
    Reason.LOOKED: pgettext_lazy("suggestion", "Wrong: looked at, it is sound"),
    Reason.LATER: pgettext_lazy("suggestion", "Right, but later: ask again in two weeks"),
    Reason.REPLACED: pgettext_lazy("suggestion", "Done or replaced already"),
}
VERDICTS: dict[str, tuple[Words, str]] = {
    Verdict.RIGHT: (pgettext_lazy("suggestion", "There was wear"), "green"),
    Verdict.WRONG: (pgettext_lazy("suggestion", "False: nothing was wrong"), "red"),
}
FIELDS: dict[str, Any] = {
    "code": pgettext_lazy("sign of wear", "Number"),
    "name": pgettext_lazy("sign of wear", "What is suggested"),
    "asset_code": _("Asset number"),
    "point": pgettext_lazy("sign of wear", "Point that is watched"),
    "how": pgettext_lazy("sign of wear", "What is followed"),
    "other_point": pgettext_lazy("sign of wear", "Other point"),
    "while_point": pgettext_lazy("sign of wear", "Only while this point"),
    "while_min": pgettext_lazy("sign of wear", "reads at least"),
    "while_max": pgettext_lazy("sign of wear", "reads at most"),
    "limit": pgettext_lazy("sign of wear", "Limit"),
    "is_upper": pgettext_lazy("sign of wear", "Wear raises the value"),
    "window_days": _("Days that make the trend"),
    "warn_days": _("Suggest when the limit is so many days away"),
    "lead_days": _("Work so many days before the earliest day"),
    "job_type": _("Type of job"),
    "crew": pgettext_lazy("upkeep", "Crew in charge"),
    "instructions": pgettext_lazy("upkeep", "What to do, beyond the type's steps"),
    "since_date": _("Trend counts from"),
    "is_retired": pgettext_lazy("upkeep", "Not followed any more"),
}
