"""What patrols refuse, and what to do then."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huoshui.kernel import errors


class NothingToWalk(errors.Refused):
    """A round was to be kept that passes no pipe with a course."""

    def __init__(self) -> None:
        super().__init__(
            "fieldwork.nothing_to_walk",
            _("None of these is a pipe with a course on the map; there would be nothing to walk."),
            status=422,
            next_step=_("Choose a zone with pipes, draw around some, or write their numbers."),
        )


class RoundTooLong(errors.Refused):
    """A round was to be kept that passes too many pipes."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            "fieldwork.round_too_long",
            _("These are %(count)s pipes; a round passes at most %(most)s.")
            % {"count": count, "most": most},
            status=422,
            data={"count": count, "most": most},
            next_step=_("Make several rounds of it."),
        )


class UnknownAssets(errors.Refused):
    """A round names assets that the network does not have."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(
            "fieldwork.unknown_assets",
            _("The network has nothing called %(codes)s.") % {"codes": ", ".join(codes[:8])},
            status=422,
            data={"codes": codes[:100]},
            next_step=_("Check the numbers on the map or in the list of assets."),
        )


class RoundExists(errors.Refused):
    """A new round was given the number of another."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.round_exists",
            _("There is a round %(code)s already.") % {"code": code},
            status=409,
            data={"code": code},
            next_step=_("Choose another number, or change that round."),
        )


class TrackEmpty(errors.Refused):
    """A track has no fix that could be used, or more than anybody walks."""

    def __init__(self, count: int) -> None:
        super().__init__(
            "fieldwork.track_not_usable",
            _("A track of %(count)s fixes cannot be used.") % {"count": count},
            status=422,
            data={"count": count},
            next_step=_(
                "Let the phone or the receiver have a free view of the sky, and walk again."
            ),
        )


class SiteOver(errors.Refused):
    """Something was to be noted at a construction site that is finished."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "fieldwork.site_over",
            _("Construction site %(number)s is finished.") % {"number": number},
            status=409,
            data={"number": number},
            next_step=_("Register a new site if they dig there again."),
        )


class NothingDamaged(errors.Refused):
    """Compensation was to be noted at a site that damaged nothing."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "fieldwork.nothing_damaged",
            _("No damage is known of construction site %(number)s.") % {"number": number},
            status=409,
            data={"number": number},
            next_step=_("Note the damage first, then what is claimed and paid for it."),
        )


class FindingHasJob(errors.Refused):
    """A job was to be made of a finding that has one which is not over."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "fieldwork.finding_has_job",
            _("Job %(number)s was made of this already.") % {"number": number},
            status=409,
            data={"job": number},
            next_step=_("Look at that job."),
        )


class ProposalDecided(errors.Refused):
    """A proposal was to be decided that somebody has decided, or that lapsed."""

    def __init__(self, number: int, state: str) -> None:
        super().__init__(
            "fieldwork.proposal_decided",
            _("This proposal is not open any more."),
            data={"number": number, "state": state},
            next_step=_("Look at the list of proposals as it is now."),
        )
