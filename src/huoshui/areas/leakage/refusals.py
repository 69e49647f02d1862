"""What leakage refuses, and what to do then."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huoshui.kernel import errors


class UnknownZone(errors.Refused):
    """A zone was named that the network does not have."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "leakage.unknown_zone",
            _("The network has no zone %(code)s.") % {"code": code},
            status=404,
            data={"zone": code},
            next_step=_("Draw the zone first, or check its code."),
        )


class ZoneNotWatched(errors.Refused):
    """A zone exists but nobody has said how its balance is measured."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "leakage.zone_not_watched",
            _("The night flow of zone %(code)s is not watched.") % {"code": code},
            status=404,
            data={"zone": code},
            next_step=_("Name the zone's inlets and outlets first."),
        )


class UnknownPoints(errors.Refused):
    """Points of a balance are not declared in telemetry."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(
            "leakage.unknown_points",
            _("These measuring points are not known: %(codes)s.") % {"codes": ", ".join(codes)},
            status=422,
            data={"points": codes},
            next_step=_("Declare the points first, or check their codes."),
        )


class WrongKind(errors.Refused):
    """A point measures something that its part in the balance cannot use."""

    def __init__(self, code: str, kind: str) -> None:
        super().__init__(
            "leakage.wrong_kind",
            _("Point %(code)s cannot take this part in a zone's balance.") % {"code": code},
            status=422,
            data={"point": code, "kind_needed": kind},
            next_step=_("Inlets and outlets are flows, tanks are levels, customers are use."),
        )


class NoInlet(errors.Refused):
    """A zone without any inlet has no balance."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "leakage.no_inlet",
            _("Zone %(code)s has no inlet that is measured.") % {"code": code},
            status=422,
            data={"zone": code},
            next_step=_("Name at least one flow meter through which water enters the zone."),
        )


class NoSuchLeak(errors.Refused):
    """A suspected leak was named that does not exist."""

    def __init__(self, leak_id: int) -> None:
        super().__init__(
            "leakage.no_such_leak",
            _("There is no suspected leak with the number %(number)s.") % {"number": leak_id},
            status=404,
            data={"leak": leak_id},
            next_step=_("Look it up in the list of suspected leaks."),
        )


class NotInThisState(errors.Refused):
    """A suspected leak's present state does not allow the step."""

    def __init__(self, leak_id: int, state: str, asked: str) -> None:
        super().__init__(
            "leakage.not_in_this_state",
            _("This suspected leak has moved on in the meantime; the step is not possible now."),
            data={"leak": leak_id, "state": state, "asked": asked},
            next_step=_("Open it again to see where it stands."),
        )


class JobRunning(errors.Refused):
    """A suspected leak with an open job cannot be dismissed under the crew's feet."""

    def __init__(self, leak_id: int, job_number: str) -> None:
        super().__init__(
            "leakage.job_running",
            _("Job %(number)s for this suspected leak is still open.") % {"number": job_number},
            data={"leak": leak_id, "job": job_number},
            next_step=_("Cancel or close the job first."),
        )


class ReasonMissing(errors.Refused):
    """A suspected leak was to be dismissed without a reason."""

    def __init__(self) -> None:
        super().__init__(
            "leakage.reason_missing",
            _("Please say why this is no leak."),
            status=422,
            next_step=_("Write one sentence for those who read this later."),
        )
