"""What the health page says about the store of readings: what waits, what happened to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.areas.telemetry import contracts, queries
from huoshui.areas.telemetry.store import inbox, state
from huoshui.kernel import clock, health
from huoshui.kernel.pages import formats

# The journal goes into the lake every ten seconds, the inbox is looked at ten times a second.
LATE_S = 300.0
INBOX_LATE_S = 60.0
TOLD_FOR = timedelta(days=7)
BEHIND_US = 60_000_000


def findings() -> Iterator[health.Finding]:
    """Say what waits too long, what cannot be read, and what lately befell the store."""
    folder = queries.folder()
    found = state.read(folder)
    if found is None:
        yield health.Finding("ok", _("No reading has been stored yet."))
        return
    late = list(_late(found, inbox.waiting(folder)))
    yield from late
    if not late:
        yield health.Finding(
            "ok",
            ngettext(
                "Every reading received is on disk; %(count)s is on its way to the lake.",
                "Every reading received is on disk; %(count)s are on their way to the lake.",
                found.readings,
            )
            % {"count": formats.number(found.readings, ".0f")},
        )
    yield from _events(found.marks)


def _late(found: state.State, waiting: inbox.Waiting) -> Iterator[health.Finding]:
    old_s = time.time() - found.oldest_us / 1e6 if found.batches else 0.0
    if old_s > LATE_S:
        yield health.Finding(
            "failing",
            _("%(count)s readings have waited for the lake for %(span)s.")
            % {
                "count": formats.number(found.readings, ".0f"),
                "span": formats.duration(timedelta(seconds=old_s)),
            },
            _("Start the part “ingest”; if it runs, look whether the disk is full."),
        )
    if waiting.files and waiting.oldest_s > INBOX_LATE_S:
        yield health.Finding(
            "failing",
            _("Readings handed over %(span)s ago are not taken in yet; they are safe on disk.")
            % {"span": formats.duration(timedelta(seconds=waiting.oldest_s))},
            _("Start the part “ingest”; it takes them in by itself."),
        )
    if waiting.unreadable:
        yield health.Finding(
            "failing",
            ngettext(
                "%(count)d file that was handed over cannot be read.",
                "%(count)d files that were handed over cannot be read.",
                waiting.unreadable,
            )
            % {"count": waiting.unreadable},
            _("Check the disk; hand these readings over again. The files are in inbox/unreadable."),
        )


def _events(marks: dict[str, int]) -> Iterator[health.Finding]:
    """Tell for a week of kills, full disks and clocks set back, and that nothing was lost."""
    if at := _lately(marks.get("refused_us", 0)):
        yield health.Finding(
            "warning",
            _("At %(at)s readings could not be stored; their senders kept them and sent again.")
            % {"at": at},
            _("Make room on the disk; see how long it will last in the retention of readings."),
        )
    if at := _lately(marks.get("killed_us", 0)):
        yield health.Finding(
            "ok",
            _(
                "The receiving was ended without warning and started again at %(at)s; everything"
                " acknowledged is there, once."
            )
            % {"at": at},
        )
    shown_us, back_us = marks.get("clock_back_from_us", 0), marks.get("clock_back_us", 0)
    behind_us = shown_us - contracts.to_us(clock.now())
    if back_us and behind_us > BEHIND_US:
        yield health.Finding(
            "warning",
            _("The clock was set back by %(span)s and is still behind. No reading was lost.")
            % {"span": formats.duration(timedelta(microseconds=back_us))},
            _("Set the server's clock right; until then new readings count as doubtful."),
        )


def _lately(at_us: int) -> str:
    """Return a moment of the machine's clock in words if it is not long ago."""
    if not at_us:
        return ""
    at = contracts.from_us(at_us)
    return str(formats.moment(at)) if clock.real_now() - at < TOLD_FOR else ""
