"""What phones hand in: taken once, put in its place, never thrown away.

Each entry is one transaction with its receipt, its record in the audit trail and whatever it
changes; a line that breaks between two entries loses none and doubles none.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError, transaction

from huoshui.areas.fieldwork import actions, models
from huoshui.areas.fieldwork.checks import handing as check_handing
from huoshui.areas.fieldwork.patrol import handing
from huoshui.areas.fieldwork.phone import finishing, kinds, queries, refusals, times
from huoshui.areas.fieldwork.phone.models import PhoneEntry, PhoneReckoning
from huoshui.kernel import audit, clock, errors
from huoshui.kernel.accounts import permissions

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

ENTRIES_AT_ONCE = 100
PAYLOAD_CHARS_MAX = 20_000
# What passes by itself: the whole request is sent again.
PASSING = (OperationalError, InterfaceError, errors.Unavailable)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handed:
    """One entry as it came: its key, its text, and the hash that the phone made of the text."""

    id: uuid.UUID
    payload: str
    payload_hash: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the phone is told of one entry; ``is_kept`` says whether a row of ours holds it."""

    id: uuid.UUID
    outcome: str
    code: str
    detail: Mapping[str, Any]
    is_kept: bool
    done_at: datetime | None = None
    clock_off_s: float = 0.0
    is_clock_doubted: bool = False


def receive(
    *, phone_id: uuid.UUID, sent_ms: float, entries: Sequence[Handed], by: User
) -> list[Receipt]:
    """Take entries in their order and return a receipt for each; refuses too many at once.

    An entry that came before gets the receipt it got then. One that cannot be taken is refused,
    and never holds up those behind it.
    """
    if len(entries) > ENTRIES_AT_ONCE:
        raise refusals.TooManyEntries(len(entries), ENTRIES_AT_ONCE)
    received_at = clock.real_now()
    receipts = []
    for handed in entries:
        receipts.append(_receive_safely(phone_id, sent_ms, received_at, handed, by))
    return receipts


def _receive_safely(
    phone_id: uuid.UUID, sent_ms: float, received_at: datetime, handed: Handed, by: User
) -> Receipt:
    """Take one entry; after an error of ours keep it without doing what it says.

    It is tried twice, because of two requests that were at the same row one must go again.
    """
    if len(handed.payload) > PAYLOAD_CHARS_MAX:
        return _turned_away(handed, "fieldwork.entry_too_long")
    for place in (_put_in_place, _put_in_place, _set_aside):
        try:
            with transaction.atomic():
                return _receive_one(phone_id, sent_ms, received_at, handed, by, place)
        except PASSING:
            raise
        except Exception:
            log.exception("entry %s of phone %s could not be taken", handed.id, phone_id)
    return _turned_away(handed, "fieldwork.entry_failed")


def _receive_one(
    phone_id: uuid.UUID,
    sent_ms: float,
    received_at: datetime,
    handed: Handed,
    by: User,
    place: Callable[[PhoneEntry, Mapping[str, Any], User], None],
) -> Receipt:
    known = PhoneEntry.objects.filter(pk=handed.id).first()
    if known is not None:
        if known.payload_hash == handed.payload_hash and known.by_id == by.pk:
            return receipt_of(known)
        return _turned_away(handed, "fieldwork.entry_differs")
    if hashlib.sha256(handed.payload.encode()).hexdigest() != handed.payload_hash:
        return _turned_away(handed, "fieldwork.entry_damaged")
    said = _read(handed)
    if said is None:
        return _turned_away(handed, "fieldwork.entry_failed")
    moment = times.corrected(
        phone_ms=said["at_ms"],
        known_behind_ms=said["behind_ms"],
        sent_ms=sent_ms,
        received_at=received_at,
    )
    done_at, doubted = times.placed(
        _shown(moment.at), after=queries.last_done_at(phone_id), now=clock.now()
    )
    row = PhoneEntry(
        id=handed.id,
        phone_id=phone_id,
        number_on_phone=said["number"],
        by=by,
        kind=said["kind"],
        payload=handed.payload,
        payload_hash=handed.payload_hash,
        photo_hash=str(said["body"].get("hash", ""))[:64],
        done_at=done_at,
        clock_off_s=moment.off_s,
        is_clock_doubted=doubted or moment.was_changed,
        received_at=clock.now(),
        outcome=kinds.Outcome.TAKEN,
    )
    try:
        with transaction.atomic():
            place(row, said, by)
    except errors.Refused as refusal:
        # What a deed refuses is refused to this entry alone.
        words = {"said": str(refusal.message), "step": str(refusal.next_step)}
        row.job = None if row.job is None else models.Job.objects.get(pk=row.job.pk)
        _refuse(row, refusal.code, **words)
    row.save(force_insert=True)
    finishing.attach_photos(row.job, by)
    subject = f"fieldwork.job:{row.job.number}" if row.job else f"fieldwork.phone:{phone_id}"
    detail = {"kind": row.kind, "outcome": row.outcome, "done_at": done_at.isoformat()}
    if row.code:
        detail["code"] = row.code
    audit.record(by.pk, "fieldwork.phone_entry", subject, detail)
    return receipt_of(row)


def _read(handed: Handed) -> dict[str, Any] | None:
    """Return what an entry says, or None where nobody can read it."""
    try:
        said = json.loads(handed.payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("id") != str(handed.id):
        return None
    numbers = [said.get("at_ms"), said.get("number"), said.get("behind_ms") or 0]
    if not all(isinstance(one, int | float) and abs(one) < 1e14 for one in numbers):
        return None
    body = said.get("body")
    return {
        "at_ms": said["at_ms"],
        "behind_ms": said.get("behind_ms"),
        "number": max(0, int(said["number"])),
        "kind": str(said.get("kind", ""))[:40],
        "job": str(said.get("job", "")),
        "body": body if isinstance(body, dict) else {},
    }


def _put_in_place(row: PhoneEntry, said: Mapping[str, Any], by: User) -> None:
    """Decide what becomes of an entry, and let it do what it does to its job."""
    if row.kind in kinds.OF_PATROL:
        return _of_patrol(row, said["body"], by)
    job = (
        models.Job.objects.select_for_update(of=("self",))
        .select_related("assigned_to")
        .filter(number=said["job"])
        .first()
    )
    if job is None:
        return _refuse(row, "fieldwork.no_such_job")
    unit = actions.unit_of(job)
    if not permissions.may_in(by, "fieldwork.report_job", unit) or not (
        queries.has_had(job, by) or permissions.may_in(by, "fieldwork.assign_job", unit)
    ):
        return _refuse(row, "fieldwork.not_your_job")
    row.job = job
    if row.kind not in kinds.FIELDS:
        return _refuse(row, "fieldwork.entry_not_valid", names=["kind"])
    kind = kinds.EntryKind(row.kind)
    wrong = kinds.problems(kind, said["body"])
    if wrong:
        return _refuse(row, "fieldwork.entry_not_valid", names=wrong)
    if kind is kinds.EntryKind.FINISH:
        finishing.finish(row, job, said["body"], by)
    else:
        finishing.note_deed(row, job, kind, said["body"], by)
    return None


def _of_patrol(row: PhoneEntry, body: Mapping[str, Any], by: User) -> None:
    """Let a walk, a finding or a visit to a site count, which belong to no job."""
    kind = kinds.EntryKind(row.kind)
    wrong = kinds.problems(kind, body)
    if wrong:
        return _refuse(row, "fieldwork.entry_not_valid", names=wrong)
    takes = {
        kinds.EntryKind.WALK: handing.take_piece,
        kinds.EntryKind.FINDING: handing.take_finding,
        kinds.EntryKind.SITE: handing.take_site,
        kinds.EntryKind.CHECK: check_handing.take_check,
        kinds.EntryKind.CHECK_PHOTO: check_handing.take_picture,
    }
    refused = takes[kind](row, body, by)
    return _refuse(row, refused[0], **refused[1]) if refused else None


def _set_aside(row: PhoneEntry, said: Mapping[str, Any], by: User) -> None:
    """Keep an entry that an error of ours stopped; a person must look at it."""
    _refuse(row, "fieldwork.entry_failed")


def _refuse(row: PhoneEntry, code: str, **detail: Any) -> None:
    row.outcome, row.code, row.detail = kinds.Outcome.REFUSED, code, detail


def _turned_away(handed: Handed, code: str) -> Receipt:
    return Receipt(handed.id, kinds.Outcome.REFUSED, code, {}, is_kept=False)


def receipt_of(row: PhoneEntry) -> Receipt:
    """Return the receipt of an entry that is kept."""
    return Receipt(
        id=row.pk,
        outcome=row.outcome,
        code=row.code,
        detail=row.detail,
        is_kept=True,
        done_at=row.done_at,
        clock_off_s=row.clock_off_s,
        is_clock_doubted=row.is_clock_doubted,
    )


def _shown(real_at: datetime) -> datetime:
    """Return what the product's clock showed at a real moment."""
    anchor = clock.anchor()
    return real_at if anchor is None else anchor.shown(real_at)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What both sides found when they counted: nothing in the lists means they agree."""

    missing: list[str]
    differing: list[str]
    photos_missing: list[str]
    only_here: list[dict[str, Any]]
    entries: int
    photos: int
    list_hash: str
    agreed_at: datetime | None


def reckon(
    *, phone_id: uuid.UUID, day: date, entries: Mapping[str, str], photos: Sequence[str],
    list_hash: str, by: User,
) -> Reckoned:  # fmt: skip
    """Compare what a phone has with what we have, and keep the agreement if both are the same.

    ``entries`` is key to hash of everything on the phone, ``photos`` the hashes of its photos;
    ``list_hash`` is what the phone makes of both, as `queries.list_hash` does.
    """
    here = queries.hashes_of(by, entries)
    photos_here = queries.photos_of(by, photos)
    missing = [one for one in entries if one not in here]
    differing = [one for one in entries if one in here and here[one] != entries[one]]
    photos_missing = sorted(set(photos) - photos_here)
    only_here = queries.only_here(phone_id, by, day, entries)
    own_hash = queries.list_hash(here, photos_here)
    agreed_at = None
    if not (missing or differing or photos_missing or only_here) and own_hash == list_hash:
        agreed_at = clock.now()
        with transaction.atomic():
            PhoneReckoning.objects.create(
                phone_id=phone_id, by=by, day=day, entries=len(here), photos=len(photos_here),
                list_hash=own_hash, agreed_at=agreed_at,
            )  # fmt: skip
            detail = {"day": day.isoformat(), "entries": len(here), "photos": len(photos_here)}
            audit.record(by.pk, "fieldwork.phone_day_agreed", f"fieldwork.phone:{phone_id}", detail)
    return Reckoned(
        missing, differing, photos_missing, only_here, len(here), len(photos_here), own_hash,
        agreed_at,
    )  # fmt: skip
