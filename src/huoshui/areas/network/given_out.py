"""Files of the network that people had made: each in its maker's own folder, for some days."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network.actions import exporting
from huoshui.kernel import clock, jobs, notices, settings
from huoshui.kernel.accounts.models import User

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


def told_of(by_id: int, name: str) -> dict[str, Any] | None:
    """Return what was said of a file when it was made, or None where there is none."""
    try:
        found: dict[str, Any] = json.loads(
            path_of(by_id, name).with_suffix(".json").read_text("utf-8")
        )
    except (OSError, ValueError):
        return None
    return found


def make(by_id: int, form: str, name: str, at: datetime | None) -> Path:
    """Make a file for a person; it appears under its name only when it is whole.

    What was assumed and what EPANET says of a model is kept beside it, in the maker's language.
    """
    path = path_of(by_id, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = path.with_name(f"part-{name}")
    try:
        outcome = exporting.export_network(rough, form, at=at, by_id=by_id)
        if form == exporting.Form.INP:
            said = json.dumps(outcome.as_json(), ensure_ascii=False)
            path.with_suffix(".json").write_text(said, encoding="utf-8")
        rough.replace(path)
    finally:
        rough.unlink(missing_ok=True)
    return path


@jobs.task(label=_("Export of the network"))
def make_in_background(by_id: int, form: str, name: str, at: str, url: str) -> None:
    """Make a file and send its maker a notice that leads to it."""
    language = User.objects.values_list("language", flat=True).get(pk=by_id)
    with translation.override(language or None):
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
