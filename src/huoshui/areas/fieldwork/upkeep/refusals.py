"""What maintenance refuses, and what to do then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huoshui.kernel import errors
from huoshui.kernel.pages import formats


class NoSuchUpkeep(errors.Refused):
    """A maintenance plan was named that does not exist."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.no_such_upkeep",
            _("There is no maintenance plan %(code)s.") % {"code": code},
            status=404,
            data={"code": code},
            next_step=_("Look it up in the list of maintenance plans."),
        )


class UpkeepNotUsable(errors.Refused):
    """A maintenance plan says something that cannot be; everything that is wrong, at once."""

    def __init__(self, problems: Mapping[str, Any]) -> None:
        self.problems = dict(problems)
        super().__init__(
            "fieldwork.upkeep_not_usable",
            " ".join(str(one) for one in problems.values()),
            status=422,
            data={"fields": {code: str(one) for code, one in problems.items()}},
            next_step=_("Correct what is named and send it again."),
        )


class UpkeepRetired(errors.Refused):
    """Something was to be done with a plan that is not followed any more."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.upkeep_retired",
            _("Plan %(code)s is not followed any more.") % {"code": code},
            data={"code": code},
            next_step=_("Change the plan and take it up again first."),
        )


class UpkeepAsked(errors.Refused):
    """A job for this time is open already."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "fieldwork.upkeep_asked",
            _("Job %(number)s is open for this plan.") % {"number": number},
            data={"number": number},
            next_step=_("Close or cancel the job; that moves the plan on."),
        )


class UpkeepAskedBefore(errors.Refused):
    """The plan had its turn on this due date."""

    def __init__(self, code: str, due_date: date) -> None:
        super().__init__(
            "fieldwork.upkeep_asked_before",
            _("Plan %(code)s had its turn of %(day)s already.")
            % {"code": code, "day": formats.day(due_date)},
            data={"code": code, "due_date": due_date.isoformat()},
            next_step=_("Look at its history and correct the day on which it was done last."),
        )


class UpkeepDueUnknown(errors.Refused):
    """Nobody can say when a plan is due."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.upkeep_due_unknown",
            _("It is not known when plan %(code)s is due: its running hours are not.")
            % {"code": code},
            data={"code": code},
            next_step=_("Look at the point that counts the hours, or give the plan days as well."),
        )


class DayNotYet(errors.Refused):
    """Work was entered as done on a day that has not come."""

    def __init__(self, day: date) -> None:
        super().__init__(
            "fieldwork.upkeep_day_not_yet",
            _("%(day)s has not come yet.") % {"day": formats.day(day)},
            status=422,
            data={"day": day.isoformat()},
            next_step=_("Give the day on which the work was done."),
        )


class PhotosMissing(errors.Refused):
    """A job whose plan wants photos was to be closed without them."""

    def __init__(self, number: str, missing: tuple[str, ...]) -> None:
        names = {"before": _("a photo of the place before"), "after": _("a photo of the work done")}
        super().__init__(
            "fieldwork.upkeep_photos_missing",
            _("Job %(number)s still needs: %(what)s.")
            % {
                "number": number,
                "what": pgettext("list", ", ").join(names[one] for one in missing),
            },
            data={"number": number, "missing": list(missing)},
            next_step=_("Send the job back to its crew, or wait until the phone has sent them."),
        )


class CaseNotHere(errors.Refused):
    """A case was named that is not there, of another kind, or closed."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "fieldwork.case_not_here",
            _("Case %(number)s is not open here.") % {"number": number},
            status=404,
            data={"number": number},
            next_step=_("Look at the case; what is closed can be read only."),
        )


class UpkeepHoursNeeded(errors.Refused):
    """Work was entered as done on a day of which no running hours can be read."""

    def __init__(self, code: str, day: date) -> None:
        super().__init__(
            "fieldwork.upkeep_hours_needed",
            _("The running hours of plan %(code)s on %(day)s cannot be read.")
            % {"code": code, "day": formats.day(day)},
            status=422,
            data={"plan": code, "day": day.isoformat()},
            next_step=_("Enter the hours that the machine had run by then."),
        )


class PairedAlready(errors.Refused):
    """A job belongs to a breakdown already."""

    def __init__(self, number: str, case: str) -> None:
        super().__init__(
            "fieldwork.paired_already",
            _("Job %(number)s belongs to breakdown %(case)s already.")
            % {"number": number, "case": case},
            data={"number": number, "case": case},
            next_step=_("Go on in that case."),
        )


class NotYetMeasured(errors.Refused):
    """Something was written down of a moment to come."""

    def __init__(self, at: datetime) -> None:
        super().__init__(
            "fieldwork.not_yet_measured",
            _("%(moment)s has not come yet.") % {"moment": formats.moment(at)},
            status=422,
            data={"at": at.isoformat()},
            next_step=_("Give the moment at which it was done."),
        )


class LineIncomplete(errors.Refused):
    """A line lacks what lines of its kind need."""

    def __init__(self, kind: str, lacking: list[str]) -> None:
        from huoshui.areas.fieldwork.upkeep import words

        names = pgettext("list", ", ").join(str(words.LINE_FIELDS[one]) for one in lacking)
        super().__init__(
            "fieldwork.line_incomplete",
            _("This line still needs: %(what)s.") % {"what": names},
            status=422,
            data={"kind": str(kind), "lacking": lacking},
            next_step=_("Fill in what is named."),
        )
