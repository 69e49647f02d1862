"""Append to the chain, and check it from end to end."""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.db import transaction

from huoshui.kernel import clock
from huoshui.kernel.audit import witness

if TYPE_CHECKING:
    from huoshui.kernel.audit.models import AuditHead, AuditRecord

GENESIS = "0" * 64
READ_AGAIN_AFTER = timedelta(minutes=10)
LOOK_BACK = 200
# Through which token this request acts, if any; the deed is still its owner's.
_through: ContextVar[str] = ContextVar("audit_through", default="")


def act_through(token: str) -> None:
    """Name the token of a program in everything recorded from here on; empty ends that."""
    _through.set(token)


def record(by_id: int | None, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    """Append one record inside the caller's transaction.

    ``action`` is a code such as ``accounts.post_given``, ``subject`` is ``kind:key``. The head of
    the chain is locked until the transaction ends, so records never fork and never leave a gap.
    """
    from huoshui.kernel.audit.models import AuditHead, AuditRecord

    content = dict(detail)
    if _through.get():
        content["token"] = _through.get()
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get(id=1)
        entry = AuditRecord(
            sequence=head.sequence + 1,
            at=clock.real_now(),
            shown_at=clock.now(),
            by_id=by_id,
            action=action,
            subject=subject,
            detail=orjson.loads(orjson.dumps(content, default=str)),
            previous_hash=head.record_hash,
        )
        entry.record_hash = hash_of(entry)
        entry.save(force_insert=True)
        head.sequence = entry.sequence
        head.record_hash = entry.record_hash
        head.seal = seal_of(entry.sequence, entry.record_hash)
        head.save()
        transaction.on_commit(
            functools.partial(witness.note, entry.sequence, entry.record_hash), robust=True
        )


def record_read(
    by_id: int | None, action: str, subject: str, detail: Mapping[str, Any] | None = None
) -> bool:
    """Record that somebody saw something private, once in a while for the same thing.

    Whoever reloads a page has not seen more, so the same reading by the same person within
    `READ_AGAIN_AFTER` leaves one record. Returns whether one was written.
    """
    from huoshui.kernel.audit.models import AuditRecord

    # Along the index and bounded: what is asked for on every page must not grow with the trail.
    latest = AuditRecord.objects.filter(subject=subject).order_by("-sequence")
    since = clock.real_now() - READ_AGAIN_AFTER
    rows = latest.values_list("action", "by_id", "at")[:LOOK_BACK]
    if any(row[:2] == (action, by_id) and row[2] > since for row in rows):
        return False
    record(by_id, action, subject, detail or {})
    return True


def hash_of(entry: AuditRecord) -> str:
    """Return the SHA-256 over the canonical JSON of a record and the hash before it."""
    content = {
        "sequence": entry.sequence,
        "at": _moment(entry.at),
        "shown_at": _moment(entry.shown_at),
        "by": entry.by_id,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous_hash": entry.previous_hash,
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def seal_of(sequence: int, record_hash: str) -> str:
    """Return the keyed seal of the chain's end, which needs the installation's secret."""
    words = f"huoshui.audit.head:{sequence}:{record_hash}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True)
class Verdict:
    """What a check of the whole chain found; no problems means unbroken.

    ``noted`` is the furthest record that the file beside the database knows; 0 without a file.
    """

    records: int
    head_hash: str
    problems: tuple[str, ...]
    noted: int = 0


def verify(*, problems_max: int = 100, kept: witness.Note | None = None) -> Verdict:
    """Check every record and the end of the chain.

    Finds records that were edited, removed, reordered or added behind our back, and a tail that
    was cut off. A forger who rewrites everything still lacks the secret that seals the end; one
    who puts the whole database back to an earlier day is betrayed by the file beside it, and by
    ``kept``, an end that somebody wrote down elsewhere.
    """
    from huoshui.kernel.audit.models import AuditHead, AuditRecord

    problems: list[str] = []
    previous_hash, expected, count = GENESIS, 1, 0
    # The head is read first: records appended while we read are then simply beyond it.
    head = AuditHead.objects.filter(id=1).first()
    limit = head.sequence if head else 0
    head_hash_seen = GENESIS
    notes = [one for one in (witness.latest(), kept) if one is not None]
    seen: dict[int, str] = {}
    for entry in AuditRecord.objects.order_by("sequence").iterator(chunk_size=2000):
        count += 1
        if entry.sequence != expected:
            problems.append(f"record {expected}: missing; the next one found is {entry.sequence}")
        if entry.previous_hash != previous_hash:
            problems.append(f"record {entry.sequence}: does not follow the record before it")
        if hash_of(entry) != entry.record_hash:
            problems.append(f"record {entry.sequence}: was changed after it was written")
        if entry.sequence == limit:
            head_hash_seen = entry.record_hash
        if any(entry.sequence == one.sequence for one in notes):
            seen[entry.sequence] = entry.record_hash
        previous_hash, expected = entry.record_hash, entry.sequence + 1
        if len(problems) >= problems_max:
            break
    else:
        problems += _problems_of_the_end(head, expected - 1, head_hash_seen)
        problems += _problems_of_notes(notes, expected - 1, seen)
    noted = notes[0].sequence if notes and notes[0] is not kept else 0
    return Verdict(records=count, head_hash=previous_hash, problems=tuple(problems), noted=noted)


def problems_of_the_end() -> list[str]:
    """Check only the end of the chain, which costs the same however long it is."""
    from huoshui.kernel.audit.models import AuditHead, AuditRecord

    note = witness.latest()
    with transaction.atomic():
        head = AuditHead.objects.filter(id=1).first()
        latest = AuditRecord.objects.order_by("-sequence").first()
        noted = AuditRecord.objects.filter(sequence=note.sequence if note else 0).first()
    number, found = (latest.sequence, latest.record_hash) if latest else (0, GENESIS)
    if latest is not None and hash_of(latest) != found:
        return [f"record {number}: was changed after it was written"]
    seen = {noted.sequence: noted.record_hash} if noted else {}
    notes = [note] if note else []
    return [*_problems_of_the_end(head, number, found), *_problems_of_notes(notes, number, seen)]


def _problems_of_notes(notes: list[witness.Note], latest: int, seen: dict[int, str]) -> list[str]:
    """Compare the chain with what was written down about it outside the database."""
    problems = []
    for one in notes:
        if one.sequence > latest:
            problems.append(
                f"records {latest + 1} to {one.sequence}: missing; "
                "a note outside the database knows them"
            )
        elif one.sequence and seen.get(one.sequence) != one.record_hash:
            problems.append(
                f"record {one.sequence}: is not the one that was noted outside the database"
            )
    return problems


def _problems_of_the_end(head: AuditHead | None, latest: int, hash_at_head: str) -> list[str]:
    if head is None:
        return ["the end of the chain: its row is missing"]
    if latest < head.sequence:
        return [f"records {latest + 1} to {head.sequence}: missing; the tail was cut off"]
    if hash_at_head != head.record_hash:
        return [f"record {head.sequence}: is not the one the chain ended with"]
    if head.sequence and not hmac.compare_digest(
        head.seal, seal_of(head.sequence, head.record_hash)
    ):
        return ["the end of the chain: its seal was not made by this installation"]
    if latest > head.sequence and not _grew_meanwhile(latest):
        return [f"records {head.sequence + 1} to {latest}: added behind our back"]
    return []


def _grew_meanwhile(latest: int) -> bool:
    """Tell whether records beyond the head we read were appended properly while we read."""
    from huoshui.kernel.audit.models import AuditHead

    return AuditHead.objects.filter(id=1, sequence__gte=latest).exists()
