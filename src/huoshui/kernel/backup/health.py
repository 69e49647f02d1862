"""How old the latest backup is, for the health page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from huoshui.kernel import settings
from huoshui.kernel.backup import taking
from huoshui.kernel.health import checks
from huoshui.kernel.health.checking import FAILING, OK, WARNING, Finding
from huoshui.kernel.pages import formats

WARNING_AFTER = timedelta(days=2)
FAILING_AFTER = timedelta(days=7)


def backups() -> Iterator[Finding]:
    """Say when the latest backup was taken; the demo needs none."""
    remedy = _("Let the system run this every night: ./huoshui backup FOLDER")
    found = taking.latest()
    if found is None:
        if settings.get().demo:
            yield Finding(OK, _("The demo needs no backup."))
        else:
            yield Finding(WARNING, _("No backup has been taken yet."), remedy)
        return
    taken_at = datetime.fromisoformat(found.taken_at)
    age = datetime.now(tz=UTC) - taken_at
    text = _("The latest backup is of %(at)s: %(size)s.") % {
        "at": formats.moment(taken_at),
        "size": checks.size(found.size_bytes),
    }
    if age > FAILING_AFTER:
        yield Finding(FAILING, text, remedy)
    elif age > WARNING_AFTER:
        yield Finding(WARNING, text, remedy)
    else:
        yield Finding(OK, text)
