"""Append to the chain, and check it from end to end."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.db import transaction

from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.kernel.audit.models import AuditRecord

GENESIS = "0" * 64


def record(by_id: int | None, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    """Append one record inside the caller's transaction.

    ``action`` is a code such as ``accounts.post_given``, ``subject`` is ``kind:key``. The head of
    the chain is locked until the transaction ends, so records never fork and never leave a gap.
    """
    from huoshui.kernel.audit.models import AuditHead, AuditRecord

    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get(id=1)
        entry = AuditRecord(
            sequence=head.sequence + 1,
            at=clock.real_now(),
            shown_at=clock.now(),
            by_id=by_id,
            action=action,
            subject=subject,
            detail=orjson.loads(orjson.dumps(dict(detail), default=str)),
            previous_hash=head.record_hash,
        )
        entry.record_hash = hash_of(entry)
        entry.save(force_insert=True)
        head.sequence = entry.sequence
        head.record_hash = entry.record_hash
        head.seal = seal_of(entry.sequence, entry.record_hash)
        head.save()


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
