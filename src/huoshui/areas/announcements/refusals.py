"""What announcements refuse, and what to do then."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import words
from huoshui.kernel import errors


class NoSuchAnnouncement(errors.Refused):
    """An announcement was named that does not exist."""

    status = 404

    def __init__(self, number: str) -> None:
        super().__init__(
            "announcements.no_such_announcement",
            _("There is no announcement %(number)s.") % {"number": number[:20]},
            data={"number": number[:20]},
            next_step=_("Look it up in the list of announcements."),
        )


class NotInThisState(errors.Refused):
    """The announcement is not in the state for that."""

    def __init__(self, number: str, state: str) -> None:
        super().__init__(
            "announcements.not_in_this_state",
            _("Announcement %(number)s is in the state “%(state)s”; this is not possible now.")
            % {"number": number, "state": words.STATES[state][0]},
            data={"number": number, "state": state},
            next_step=_("Load its page again to see what is possible."),
        )


class WordsImpossible(errors.Refused):
    """The words cannot go out as they are; every problem is named."""

    status = 422

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "announcements.words_impossible",
            _("The announcement cannot go out as it is: %(problems)s")
            % {"problems": " ".join(problems)},
            data={"problems": list(problems)},
            next_step=_("Mend the words, then hand it in again."),
        )


class UnknownVariable(errors.Refused):
    """The text has a variable that nobody can fill in."""

    status = 422

    def __init__(self, names: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(
            "announcements.unknown_variable",
            _("These variables are not known: %(names)s.")
            % {"names": ", ".join(f"{{{one}}}" for one in names)},
            data={"unknown": list(names), "known": list(known)},
            next_step=_("Use one of: %(known)s.")
            % {"known": ", ".join(f"{{{one}}}" for one in known)},
        )


class EndsBeforeItBegins(errors.Refused):
    """The end is not after the beginning."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "announcements.ends_before_it_begins",
            _("The end must be later than the beginning."),
            next_step=_("Correct one of the two."),
        )


class AreaImpossible(errors.Refused):
    """The drawn area encloses nothing."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "announcements.area_impossible",
            _("The drawn area encloses nothing."),
            next_step=_("Draw at least three corners on the map, or leave the area out."),
        )


class UnknownChoice(errors.Refused):
    """Estates, zones or channels were named that are not there."""

    status = 422

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            "announcements.unknown_choice",
            _("These are not known: %(names)s.") % {"names": ", ".join(names)[:300]},
            data={"unknown": list(names)},
            next_step=_("Choose from the lists."),
        )


class UnknownAsset(errors.Refused):
    """The outage starts at an asset that the network does not have."""

    status = 422

    def __init__(self, code: str) -> None:
        super().__init__(
            "announcements.unknown_asset",
            _("The network has nothing called %(code)s.") % {"code": code},
            data={"code": code},
            next_step=_("Check the code on the map or in the list of assets."),
        )


class NobodyChosen(errors.Refused):
    """Channels to single people were chosen, and nobody to be told."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "announcements.nobody_chosen",
            _("Nobody is chosen to be told over the chosen channels."),
            next_step=_("Draw an area, choose estates or zones, or bring a list in."),
        )


class NoChannel(errors.Refused):
    """No channel was chosen."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "announcements.no_channel",
            _("No channel is chosen."),
            next_step=_("Choose at least one; a poster is always possible."),
        )


class ChannelOff(errors.Refused):
    """A chosen channel is off, so nothing could leave over it."""

    def __init__(self, way: str) -> None:
        super().__init__(
            "announcements.channel_off",
            _("The channel “%(channel)s” is off: no message leaves over it.")
            % {"channel": words.WAYS[way]},
            data={"channel": way},
            next_step=_("Choose other channels, or have it set up on the page “Channels”."),
        )


class SecondPersonNeeded(errors.Refused):
    """Whoever handed in a mass notice cannot release it too."""

    def __init__(self, people: int, mass_from: int) -> None:
        super().__init__(
            "announcements.second_person_needed",
            _("An announcement to %(people)s people is released by a second person.")
            % {"people": people},
            data={"people": people, "mass_from": mass_from},
            next_step=_("Ask a colleague who may release announcements."),
        )


class ReasonMissing(errors.Refused):
    """Taking back or giving back needs a reason."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "announcements.reason_missing",
            _("Please say why."),
            next_step=_("One sentence is enough; colleagues will read it."),
        )


class ChannelNotReady(errors.Refused):
    """A channel can only be switched on when its setup is complete."""

    def __init__(self, way: str, problem: str) -> None:
        super().__init__(
            "announcements.channel_not_ready",
            _("The channel “%(channel)s” cannot be switched on: %(problem)s")
            % {"channel": words.WAYS[way], "problem": problem},
            data={"channel": way, "problem": problem},
            next_step=_("Complete its setup first."),
        )


class NotGenuine(errors.Refused):
    """A receipt came whose signature is not that of the gateway."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "announcements.not_genuine",
            _("The signature of this receipt is not valid."),
            next_step=_("Compare the secret on both sides, and the clocks: five minutes at most."),
        )


class NotUnderstood(errors.Refused):
    """A receipt came that is not in the form we agreed on."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "announcements.not_understood",
            _("This receipt cannot be understood."),
            next_step=_("The form is described in the reference of channels."),
        )
