"""Bringing a file in, checking it in the background, and carrying the import out."""

from __future__ import annotations

import hashlib
import logging
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors, jobs, settings
from huoshui.kernel.intake import kinds
from huoshui.kernel.intake.models import Import, State
from huoshui.kernel.intake.problems import Problem, shown

logger = logging.getLogger("huoshui.intake")

FILE_BYTES_MAX = 2_000_000_000
LANGUAGES = ("zh-hans", "en")


class FileTooLarge(errors.Refused):
    """The file has more bytes than a page may bring."""

    status = 413

    def __init__(self, name: str) -> None:
        super().__init__(
            "intake.file_too_large",
            _("%(name)s is too large; a page takes at most %(gigabytes)d GB.")
            % {"name": name, "gigabytes": FILE_BYTES_MAX // 1_000_000_000},
            data={"name": name, "bytes_max": FILE_BYTES_MAX},
            next_step=_("Split it, or import it on the server with ./huoshui import."),
        )


class NotReady(errors.Refused):
    """The import is not in the state for that."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "intake.not_ready",
            _("This import cannot be carried out now."),
            data={"state": state},
            next_step=_("Look at its page: it may be done already, or wait for its check."),
        )


def path_of(content_hash: str) -> Path:
    """Return where a file that was brought lies: by its content, never by its name."""
    return settings.get().home / "intake" / content_hash[:2] / content_hash


def keep(chunks: Iterable[bytes], name: str) -> tuple[str, int]:
    """Keep a file under the hash of its content; return hash and size.

    Refuses with ``intake.file_too_large``; what was written by then is taken away.
    """
    folder = settings.get().home / "intake"
    folder.mkdir(parents=True, exist_ok=True)
    rough = folder / f"{uuid.uuid4().hex}.part"
    content, size = hashlib.sha256(), 0
    try:
        with rough.open("wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > FILE_BYTES_MAX:
                    raise FileTooLarge(name)
                content.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        path = path_of(content.hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        rough.replace(path)
    finally:
        rough.unlink(missing_ok=True)
    return content.hexdigest(), size


def bring(
    kind: str,
    name: str,
    content_hash: str,
    size_bytes: int,
    options: Mapping[str, str],
    by_id: int,
) -> Import:
    """Begin an import of a kept file: it is checked in the background. Audited.

    Needs the permission of the kind, which pages check.
    """
    # Only the last part of a name, whatever a browser or a program sends.
    plain = shown(PurePath(name.replace("\\", "/")).name)[:200] or "file"
    with transaction.atomic():
        row = Import.objects.create(
            kind=kinds.KINDS[kind].code,
            file_name=plain,
            content_hash=content_hash,
            size_bytes=size_bytes,
            options={code: value for code, value in options.items() if value},
            by_id=by_id,
            brought_at=clock.now(),
        )
        audit.record(
            by_id,
            "intake.file_brought",
            f"intake:{row.pk}",
            {"kind": kind, "file": plain, "content_hash": content_hash},
        )
        transaction.on_commit(lambda: work.enqueue(row.pk, False))
    return row


def carry_out(row_id: int, by_id: int) -> None:
    """Let a checked import be carried out in the background. Audited.

    Refuses with ``intake.not_ready`` while it is being checked, and where it may not go in.
    """
    with transaction.atomic():
        row = Import.objects.select_for_update().get(pk=row_id)
        if row.state != State.CHECKED or row.is_fatal:
            raise NotReady(row.state)
        row.state = State.IMPORTING
        row.save(update_fields=["state"])
        audit.record(
            by_id, "intake.carried_out", f"intake:{row.pk}", {"kind": row.kind, "by": by_id}
        )
        transaction.on_commit(lambda: work.enqueue(row.pk, True))


@jobs.task(label=_("Import of a file"))
def work(row_id: int, write: bool) -> None:
    """Check an import or carry it out, and keep what came of it."""
    row = Import.objects.get(pk=row_id)
    wanted = State.IMPORTING if write else State.CHECKING
    if row.state != wanted:
        return
    kind = kinds.KINDS[row.kind]
    path = path_of(row.content_hash)
    state = State.DONE if write else State.CHECKED
    try:
        if write:
            outcome = kind.carry_out(path, row.file_name, row.options, row.by_id)
        else:
            outcome = kind.check(path, row.file_name, row.options)
    except errors.HuoshuiError as refused:
        outcome = kinds.Outcome()
        outcome.problems.add(
            Problem(refused.code, refused.message, True, file=row.file_name,
                    remedy=refused.next_step)
        )  # fmt: skip
        state = State.FAILED
    except Exception:
        Import.objects.filter(pk=row_id).update(state=State.FAILED, ended_at=clock.now())
        raise
    _keep_outcome(row, outcome, State.FAILED if write and outcome.problems.fatal else state)


def _keep_outcome(row: Import, outcome: kinds.Outcome, state: str) -> None:
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = outcome.as_json()
    row.outcome = said
    row.state = state
    row.ended_at = clock.now()
    row.created, row.changed = outcome.created, outcome.changed
    row.unchanged, row.left_out = outcome.unchanged, outcome.left_out
    row.problems_total, row.is_fatal = outcome.problems.total, outcome.problems.fatal
    row.save()
