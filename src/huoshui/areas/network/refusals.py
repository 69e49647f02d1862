"""What the network refuses, and what to do then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors


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
