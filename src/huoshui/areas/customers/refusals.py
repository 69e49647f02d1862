"""What is refused about customers, why, and what to do instead."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors


class NoSuch(errors.Refused):
    """The register has no such account, estate, grid or other thing."""

    status = 404

    def __init__(self, what: Any, code: Any) -> None:
        super().__init__(
            "customers.no_such",
            _("%(what)s %(code)s is not in the register.") % {"what": what, "code": code},
            data={"code": str(code)},
            next_step=_("Look for it in its list; it may be written differently."),
        )


class CareNeedsVisit(errors.Refused):
    """A customer in special care may be cut off only after somebody went there."""

    def __init__(self, code: str, visited: str) -> None:
        super().__init__(
            "customers.care_needs_visit",
            _("Account %(code)s is in special care and must not be cut off without a visit.")
            % {"code": code},
            data={"account": code, "visited_at": visited, "valid_days": 30},
            next_step=_("Have the grid specialist visit and record it, then ask again."),
        )


class AlreadyInCare(errors.Refused):
    """One special care is in force for the account already."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "customers.already_in_care",
            _("Account %(code)s is in special care already.") % {"code": code},
            data={"account": code},
            next_step=_("End the one in force first, or add a visit to it."),
        )


class CodeTaken(errors.Refused):
    """Something in this register already has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "customers.code_taken",
            _("The code %(code)s is already in use.") % {"code": code},
            data={"code": code},
            next_step=_("Choose another code."),
        )


class CodeNotPossible(errors.Refused):
    """The code holds a character that no code may hold, or is too long."""

    status = 422

    def __init__(self, code: str) -> None:
        super().__init__(
            "customers.code_not_possible",
            _("%(code)s cannot be a code.") % {"code": code},
            data={"code": code},
            next_step=_("Use letters, digits, dash and underscore."),
        )


class DeputyIsSpecialist(errors.Refused):
    """A deputy who is the specialist would stand in for nobody."""

    status = 422

    def __init__(self, code: str) -> None:
        super().__init__(
            "customers.deputy_is_specialist",
            _("The deputy of grid %(code)s must be somebody else than its specialist.")
            % {"code": code},
            data={"grid": code},
            next_step=_("Choose another person."),
        )


class NothingToMove(errors.Refused):
    """No move of an estate would make the load more even."""

    def __init__(self) -> None:
        super().__init__(
            "customers.nothing_to_move",
            _("No move of an estate would even out the load of the grids."),
            next_step=_("Move estates by hand if there is another reason."),
        )


class PlanDecided(errors.Refused):
    """The proposal was decided before, or what it is about has changed since."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "customers.plan_decided",
            _("Proposal %(number)s can no longer be decided.") % {"number": number},
            data={"plan": number},
            next_step=_("Make a new one: it may be decided, or its estates were moved meanwhile."),
        )


class OwnPlan(errors.Refused):
    """Who made a proposal does not approve it."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "customers.own_plan",
            _("Proposal %(number)s is your own; somebody else must approve it.")
            % {"number": number},
            data={"plan": number},
            next_step=_("Ask another person who may approve."),
        )


class NoSpecialist(errors.Refused):
    """A board shows a specialist, and the grid has none."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "customers.no_specialist",
            _("Estate %(code)s has no specialist whom a board could show.") % {"code": code},
            data={"estate": code},
            next_step=_("Give the estate a grid, and the grid a specialist."),
        )


class TooManyReports(errors.Refused):
    """More reports came in than people write."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "customers.too_many_reports",
            _("Too many reports have come in from here during the last hour."),
            next_step=_("Please try again later, or call us."),
        )


class Impossible(errors.Refused):
    """Something said cannot be so, such as a visit in the future."""

    status = 422

    def __init__(self, message: Any, next_step: Any) -> None:
        super().__init__("customers.impossible", message, next_step=next_step)


class NotNow(errors.Refused):
    """The thing is past the step that was asked for."""

    def __init__(self) -> None:
        super().__init__(
            "customers.not_now",
            _("This step was done already, or comes later."),
            next_step=_("Load the page again to see how it stands."),
        )


class NotYourEstate(errors.Refused):
    """A specialist sees personal data of their own estates only."""

    status = 403

    def __init__(self, code: str) -> None:
        super().__init__(
            "customers.not_your_estate",
            _("Account %(code)s lies in no estate of yours: its personal data stays masked.")
            % {"code": code},
            data={"account": code},
            next_step=_("Ask the specialist of that estate, or the service manager."),
        )
