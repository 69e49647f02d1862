"""What signs of wear refuse, and what to do then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from huoshui.kernel import errors


class NoSuchIndicator(errors.Refused):
    """A sign of wear was named that does not exist."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.no_such_indicator",
            _("There is no sign of wear %(code)s.") % {"code": code},
            status=404,
            data={"code": code},
            next_step=_("Look it up in the list of signs of wear."),
        )


class IndicatorNotUsable(errors.Refused):
    """A sign of wear says something that cannot be; everything that is wrong, at once."""

    def __init__(self, problems: Mapping[str, Any]) -> None:
        self.problems = dict(problems)
        super().__init__(
            "fieldwork.indicator_not_usable",
            " ".join(str(one) for one in problems.values()),
            status=422,
            data={"fields": {code: str(one) for code, one in problems.items()}},
            next_step=_("Correct what is named and send it again."),
        )


class SuggestionDecided(errors.Refused):
    """A suggestion was to be decided that somebody has decided, or that lapsed."""

    def __init__(self, number: int, state: str) -> None:
        super().__init__(
            "fieldwork.suggestion_decided",
            _("This suggestion is not open any more."),
            data={"number": number, "state": state},
            next_step=_("Look at it again: somebody decided it, or the trend went back."),
        )


class VerdictNotYet(errors.Refused):
    """It was to be said whether there was wear before the work was done, or a second time."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "fieldwork.verdict_not_yet",
            _("Whether there was wear is said once, when the job of the suggestion has ended."),
            data={"number": number},
            next_step=_("Wait until the job is closed; then say what was found."),
        )
