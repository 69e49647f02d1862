"""What is refused about waves of trouble, and what to do then."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors


class NoSuch(errors.Refused):
    """Something that was named does not exist."""

    status = 404

    def __init__(self, what: str, code: str) -> None:
        super().__init__(
            f"surge.no_such_{what}",
            _("There is nothing with the number %(code)s here.") % {"code": code},
            data={"code": code},
            next_step=_("Look it up in its list."),
        )


class NeedsValue(errors.Refused):
    """A value is missing or cannot be."""

    status = 422

    def __init__(self, field: str, said: Any) -> None:
        super().__init__(
            "surge.needs_value",
            said,
            data={"field": field},
            next_step=_("Correct it and send the form again."),
        )


class NotNow(errors.Refused):
    """What is asked for does not fit how things stand."""

    def __init__(self, said: Any, **data: Any) -> None:
        super().__init__(
            "surge.not_now",
            said,
            data=data,
            next_step=_("Load the page again; somebody may have done it already."),
        )
