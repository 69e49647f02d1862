"""What a crew is told about the books: parts that were short, readings that look mistyped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from huoshui.kernel.pages import formats


def said(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return the sentence of one message and what to do, in the reader's language."""
    values = {
        "name": str(told.get("name", "")),
        "missing": str(told.get("missing", "")),
        "last": formats.text(told.get("last")),
        "start": formats.text(told.get("start")),
    }
    known: dict[str, tuple[str, str]] = {
        "fieldwork.more_than_booked": (
            _("The books had %(missing)s less in your vehicle than you used."),
            _("Your entry counts; the store keeper looks at the difference."),
        ),
        "fieldwork.part_not_in_list": (
            _("“%(name)s” is not in the list of parts; no stock was booked."),
            _("Nothing is to be done; the office sees it with the job."),
        ),
        "fieldwork.part_not_whole": (
            _("“%(name)s” is counted in whole pieces; no stock was booked."),
            _("Write the number of pieces as a further entry, if any."),
        ),
        "fieldwork.no_vehicle": (
            _("You belong to no crew with a vehicle; no stock was booked."),
            _("Tell the dispatcher whose vehicle the parts came from."),
        ),
        "fieldwork.meter_not_counted": (
            _("It is not known which sort of meter you used; no stock was booked."),
            _("Write the meter as material used."),
        ),
        "fieldwork.reading_below_last": (
            _("The last reading of the old meter is below the one in the register, %(last)s m³."),
            _("Compare it with your photo; if it was mistyped, write a note."),
        ),
        "fieldwork.start_reading_high": (
            _("A new meter rarely begins at %(start)s m³."),
            _("Compare it with your photo; if it was mistyped, write a note."),
        ),
        "fieldwork.unknown_meter": (
            _("The register has no meter of the old number; the exchange is kept."),
            _("The office finds its place by your photo."),
        ),
        "fieldwork.other_account": (
            _("The register has the old meter at another customer; the exchange is kept."),
            _("Compare the old number with your photo; the office settles it."),
        ),
        "fieldwork.told_twice": (
            _("This exchange was told before, with a last reading of %(last)s m³; it counts once."),
            _("Nothing is to be done; write a note if that reading is wrong."),
        ),
        "fieldwork.number_taken": (
            _("The new number hangs at another place in the register; the exchange is kept."),
            _("Compare the number with your photo; the office settles it."),
        ),
    }
    sentence, step = known.get(str(told.get("code", "")), ("", ""))
    return sentence % values, step % values
