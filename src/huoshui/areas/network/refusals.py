"""What the network refuses, and what to do then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import choices
from huoshui.kernel import errors


class NoSuchZone(errors.Refused):
    """A zone was named that the register does not know."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "network.no_such_zone",
            _("There is no zone %(code)s.") % {"code": code[:80]},
            data={"zone": code[:80]},
            next_step=_("Look it up in the list of zones."),
        )


class TeamBeforeAnother(errors.Refused):
    """A team was to begin before one that is known already."""

    status = 409

    def __init__(self, code: str, day: date) -> None:
        super().__init__(
            "network.team_before_another",
            _("Zone %(code)s already has a later team: the latest change is of %(day)s.")
            % {"code": code[:80], "day": day.isoformat()},
            data={"zone": code[:80], "day": day.isoformat()},
            next_step=_("Choose that day or a later one. What was before stays on record."),
        )


class UnknownAssets(errors.Refused):
    """Something was to be done to assets that the register does not know."""

    def __init__(self, codes: Iterable[str]) -> None:
        unknown = sorted(codes)
        super().__init__(
            "network.assets_unknown",
            _("The register knows no assets with these codes: %(codes)s.")
            % {"codes": ", ".join(unknown[:8])},
            status=404,
            data={"codes": unknown},
            next_step=_("Check the codes, or import the network file that has them first."),
        )


class AttributesImpossible(errors.Refused):
    """Attributes that no asset can have; nothing was changed."""

    def __init__(self, problems: list[Any]) -> None:
        said = [str(problem) for problem in problems]
        super().__init__(
            "network.attributes_impossible",
            _("These values are not possible: %(problems)s.") % {"problems": "; ".join(said[:8])},
            status=422,
            data={"problems": said},
            next_step=_("Correct the values; nothing was changed."),
        )


class OlderThanHistory(errors.Refused):
    """A change would hold from before a later change of the same asset."""

    def __init__(self, code: str, latest: datetime) -> None:
        super().__init__(
            "network.older_than_history",
            _("%(code)s was changed later than that; history is only added to at its end.")
            % {"code": code},
            status=422,
            data={"asset": code, "latest_change_at": latest.isoformat()},
            next_step=_("Let the change hold from after the latest one, and say why."),
        )


class NotYet(errors.Refused):
    """A change was to hold from a moment that has not come."""

    def __init__(self) -> None:
        super().__init__(
            "network.not_yet",
            _("A change can hold from now or from a past day, not from a day to come."),
            status=422,
            next_step=_("Enter what is planned with the status “planned”."),
        )


class ZonesInACircle(errors.Refused):
    """A zone would be part of itself by way of its parents."""

    def __init__(self, codes: Iterable[str]) -> None:
        circle = list(codes)
        super().__init__(
            "network.zones_in_a_circle",
            _("These zones would be part of one another: %(codes)s.")
            % {"codes": " → ".join(circle)},
            status=422,
            data={"zones": circle},
            next_step=_("Choose another parent for one of them; nothing was changed."),
        )


class NotAValve(errors.Refused):
    """A turn or a condition was reported of something that is no valve."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "network.not_a_valve",
            _("%(code)s is not a valve.") % {"code": code},
            status=422,
            data={"asset": code},
            next_step=_("Choose the valve that was turned or looked at."),
        )


class TurnImpossible(errors.Refused):
    """A turn of a valve that cannot have happened as it was reported."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(
            "network.turn_impossible",
            sentence,
            status=422,
            next_step=_("Check the opening and the time, then report the turn again."),
        )


class ReasonNeeded(errors.Refused):
    """Something was to be accepted as it is without saying why."""

    def __init__(self) -> None:
        super().__init__(
            "network.reason_needed",
            _("Say why it is right as it is."),
            status=422,
            next_step=_("Write the reason; whoever reads the list next wants to know."),
        )


class NoSuchChange(errors.Refused):
    """A set of changes was named that does not exist."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "network.no_such_change",
            _("There is no set of changes %(number)s.") % {"number": number},
            status=404,
            data={"change": number},
            next_step=_("Look it up in the list of changes."),
        )


class WrongChangeState(errors.Refused):
    """A set of changes is not in a state in which this can be done."""

    def __init__(self, number: int, state: str) -> None:
        super().__init__(
            "network.wrong_change_state",
            _("Set of changes %(number)s is %(state)s, so this cannot be done with it any more.")
            % {"number": number, "state": choices.CHANGE_STATES.get(state, state)},
            data={"change": number, "state": state},
            next_step=_("Load its page again; make a new set if something else shall change."),
        )


class ChangeIsEmpty(errors.Refused):
    """A set that changes nothing was to be submitted or approved."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "network.change_is_empty",
            _("Set of changes %(number)s changes nothing.") % {"number": number},
            status=422,
            data={"change": number},
            next_step=_("Add what shall change, or withdraw it."),
        )


class ChangeHasProblems(errors.Refused):
    """A set of changes cannot be applied to the network as it is."""

    def __init__(self, problems: Sequence[Any]) -> None:
        said = [
            f"{one.asset}: {choices.CHANGE_PROBLEMS[one.code]} {one.value}".strip()
            for one in problems
        ]
        super().__init__(
            "network.change_has_problems",
            _("It cannot be applied: %(problems)s") % {"problems": "; ".join(said[:5])},
            status=422,
            data={
                "problems": [
                    {"position": p.position, "code": p.code, "asset": p.asset, "value": p.value}
                    for p in problems
                ]
            },
            next_step=_("Undo or correct the steps that are named."),
        )


class OwnChange(errors.Refused):
    """Somebody wanted to decide on a set of changes that they made themselves."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "network.own_change",
            _("Whoever made a set of changes cannot decide on it."),
            status=403,
            data={"change": number},
            next_step=_("Ask a colleague who may approve changes."),
        )


class UnknownConnection(errors.Refused):
    """A connection was named that the register does not know."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "network.connection_unknown",
            _("There is no connection %(code)s.") % {"code": code},
            status=404,
            data={"connection": code},
            next_step=_("Look it up in the list of connections."),
        )


class NotAPipe(errors.Refused):
    """A connection was to be joined to something that is no drawn pipe."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "network.not_a_pipe",
            _("%(code)s is not a pipe that is drawn on the map.") % {"code": code},
            status=422,
            data={"asset": code},
            next_step=_("Choose the pipe into which the service line is tapped."),
        )


class TooManyReports(errors.Refused):
    """More was reported from one address, or about one asset, than people do."""

    def __init__(self) -> None:
        super().__init__(
            "network.too_many_reports",
            _("Many reports came in during the last hour; this one was not taken."),
            status=429,
            next_step=_("If it is urgent, please call the hotline. Else try again in an hour."),
        )


class NoSuchReport(errors.Refused):
    """A report was named that does not exist."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "network.no_such_report",
            _("There is no report %(number)s.") % {"number": number},
            status=404,
            data={"report": number},
            next_step=_("Look it up in the list of reports."),
        )
