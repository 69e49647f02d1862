"""What is refused of cases, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors


class UnknownType(errors.Refused):
    """No case type of this code is declared."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "cases.unknown_type",
            _("There is no case type %(code)s.") % {"code": code},
            data={"type": code},
            next_step=_("Choose one of the case types in the menu."),
        )


class UnknownCase(errors.Refused):
    """No case has this number."""

    status = 404

    def __init__(self, number: str) -> None:
        super().__init__(
            "cases.unknown_case",
            _("There is no case %(number)s.") % {"number": number},
            data={"number": number},
            next_step=_("Look for it in the list of cases."),
        )


class NotPossibleHere(errors.Refused):
    """The step does not lead out of the state in which the case stands."""

    def __init__(self, number: str, step: Any, state: Any) -> None:
        super().__init__(
            "cases.not_possible_here",
            _("Case %(number)s stands at “%(state)s”; “%(step)s” is not possible from there.")
            % {"number": number, "state": state, "step": step},
            data={"number": number},
            next_step=_("Load the page again to see how the case stands now."),
        )


class ChangedMeanwhile(errors.Refused):
    """Somebody else changed the case since the reader saw it."""

    def __init__(self, number: str, by: str, at: str, state: Any) -> None:
        super().__init__(
            "cases.changed_meanwhile",
            _("Case %(number)s was changed by %(by)s at %(at)s; it now stands at “%(state)s”.")
            % {"number": number, "by": by, "at": at, "state": state},
            data={"number": number, "by": by, "at": at},
            next_step=_("Look at what changed, then do your step again if it is still right."),
        )


class Missing(errors.Refused):
    """Something that the step asks for is not there; everything that is missing is named."""

    status = 422

    def __init__(self, number: str, missing: Sequence[tuple[str, Any]]) -> None:
        self.missing = tuple(missing)
        words = "; ".join(str(sentence) for _code, sentence in self.missing)
        super().__init__(
            "cases.missing",
            _("This is still missing: %(words)s.") % {"words": words},
            data={"number": number, "missing": [code for code, _sentence in self.missing]},
            next_step=_("Fill in what is missing and do the step again."),
        )


class NotUsable(errors.Refused):
    """Values cannot be used; every field is named with its reason."""

    status = 422

    def __init__(self, problems: dict[str, Any]) -> None:
        self.problems = problems
        words = "; ".join(str(one) for one in problems.values())
        super().__init__(
            "cases.not_usable",
            _("These values cannot be used: %(words)s.") % {"words": words},
            data={"fields": sorted(problems)},
            next_step=_("Correct them and send the form again."),
        )


class Merged(errors.Refused):
    """The case is a duplicate and rests with its original."""

    def __init__(self, number: str, original: str) -> None:
        super().__init__(
            "cases.merged",
            _("Case %(number)s is a duplicate of %(original)s and is treated there.")
            % {"number": number, "original": original},
            data={"number": number, "original": original},
            next_step=_("Go on with the original, or separate the two first."),
        )


class NotClosed(errors.Refused):
    """Only a closed case can be reopened."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "cases.not_closed",
            _("Case %(number)s is not closed, so there is nothing to reopen.") % {"number": number},
            data={"number": number},
            next_step=_("Go on with the case as it stands."),
        )


class AlreadyClosed(errors.Refused):
    """A closed case changes no more unless it is reopened."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "cases.already_closed",
            _("Case %(number)s is closed.") % {"number": number},
            data={"number": number},
            next_step=_("Reopen it first, or open a new case."),
        )


class PauseNotPossible(errors.Refused):
    """The clocks stand still already, or they run already."""

    def __init__(self, number: str, *, paused: bool) -> None:
        sentence = (
            _("The clocks of case %(number)s stand still already.")
            if paused
            else _("The clocks of case %(number)s are running.")
        )
        super().__init__(
            "cases.pause_not_possible",
            sentence % {"number": number},
            data={"number": number, "paused": paused},
            next_step=_("Load the page again to see how the case stands now."),
        )


class CallBackNotPossible(errors.Refused):
    """This case asks for no call-back now."""

    def __init__(self, number: str, state: Any) -> None:
        super().__init__(
            "cases.call_back_not_possible",
            _("Case %(number)s stands at “%(state)s”, where nobody is called back.")
            % {"number": number, "state": state},
            data={"number": number},
            next_step=_("Bring the case to its call-back first."),
        )


class NotRelated(errors.Refused):
    """The relation would make no sense."""

    def __init__(self, number: str, other: str, why: Any) -> None:
        super().__init__(
            "cases.not_related",
            _("%(number)s and %(other)s cannot be related like this: %(why)s.")
            % {"number": number, "other": other, "why": why},
            data={"number": number, "other": other},
            next_step=_("Choose another case or another kind of relation."),
        )


class NotYours(errors.Refused):
    """Only the responsible person, or whoever opened the case, may take this step."""

    status = 403

    def __init__(self, number: str, only: str) -> None:
        sentence = (
            _("Only the responsible person of case %(number)s may do this.")
            if only == "owner"
            else _("Only whoever opened case %(number)s may do this.")
        )
        super().__init__(
            "cases.not_yours",
            sentence % {"number": number},
            data={"number": number, "only": only},
            next_step=_("Ask that person, or have the case given to you."),
        )


class NotInYourUnit(errors.Refused):
    """The reader's post does not reach the unit of the case."""

    status = 403

    def __init__(self, number: str) -> None:
        super().__init__(
            "cases.not_in_your_unit",
            _("Case %(number)s belongs to a unit that your post does not reach.")
            % {"number": number},
            data={"number": number},
            next_step=_("Ask somebody of that unit, or an administrator."),
        )
