"""What the phone's part of fieldwork refuses, and what to do then."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huoshui.kernel import errors


class NotAHash(errors.Refused):
    """A photo was named by something that is no SHA-256."""

    def __init__(self, given: str) -> None:
        super().__init__(
            "fieldwork.not_a_hash",
            _("A photo is named by the SHA-256 of its content."),
            status=422,
            data={"given": given[:80]},
            next_step=_("Load the app again; it works this out by itself."),
        )


class PhotoDiffers(errors.Refused):
    """The bytes that arrived are not those that were announced."""

    def __init__(self, content_hash: str) -> None:
        super().__init__(
            "fieldwork.photo_differs",
            _("The photo arrived damaged and was thrown away."),
            data={"hash": content_hash},
            next_step=_("It is sent again from the beginning."),
        )


class TooManyEntries(errors.Refused):
    """One request carries more entries than are taken at once."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            "fieldwork.too_many_entries",
            _("At most %(most)s entries are taken at once; these are %(count)s.")
            % {"most": most, "count": count},
            status=422,
            data={"count": count, "most": most},
            next_step=_("Send them in smaller parts."),
        )
