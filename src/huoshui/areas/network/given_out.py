"""Files of the network that people had made: each in its maker's own folder, for some days."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network.actions import exporting
from huoshui.kernel import clock, jobs, notices, settings

KEPT_FOR = timedelta(days=7)


def folder() -> Path:
    """Return where files lie until they are fetched."""
    return settings.get().home / "exports"


def new_name(form: str) -> str:
    """Return a name that nobody can guess."""
    return f"{uuid.uuid4().hex}.{exporting.Form(form)}"


def path_of(by_id: int, name: str) -> Path:
    """Return where a person's file lies."""
    return folder() / str(by_id) / name


def make(by_id: int, form: str, name: str, at: datetime | None) -> Path:
    """Make a file for a person; it appears under its name only when it is whole."""
    path = path_of(by_id, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = path.with_name(f"part-{name}")
    try:
        exporting.export_network(rough, form, at=at, by_id=by_id)
        rough.replace(path)
    finally:
        rough.unlink(missing_ok=True)
    return path


@jobs.task(label=_("Export of the network"))
def make_in_background(by_id: int, form: str, name: str, at: str, url: str) -> None:
    """Make a file and send its maker a notice that leads to it."""
    make(by_id, form, name, datetime.fromisoformat(at) if at else None)
    with transaction.atomic():
        notices.send(
            users=[by_id],
            title=_("The file of the network is ready."),
            url=url,
            key=f"export-{name}",
        )


def tidy(_due_at: datetime | None = None) -> None:
    """Remove files that were made some days ago."""
    oldest = (clock.real_now() - KEPT_FOR).timestamp()
    for path in folder().glob("*/*"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
