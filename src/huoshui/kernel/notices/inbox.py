"""The inbox of one reader: how much is unread, reading, and telling browsers that it changed."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q

from huoshui.kernel import clock
from huoshui.kernel.notices.models import Notice, Receipt

KEEP_READ = timedelta(days=90)
KEEP_UNREAD = timedelta(days=365)

Cursor = tuple[int, datetime | None, int]


def of_user(user_id: int) -> Any:
    """Return the receipts of a reader whose notices still stand."""
    now = clock.now()
    return Receipt.objects.filter(user_id=user_id).filter(
        Q(notice__expires_at__isnull=True) | Q(notice__expires_at__gt=now)
    )


def unread(user_id: int) -> int:
    """Return how many notices a reader has not opened."""
    return int(of_user(user_id).filter(read_at__isnull=True).count())


def mark_read(user_id: int, pk: int | None = None) -> int:
    """Mark one receipt of a reader as read, or all of them; return how many were unread.

    A reader's own looking at their own inbox: kept with the receipt, and not in the audit trail.
    """
    theirs = Receipt.objects.filter(user_id=user_id, read_at__isnull=True)
    chosen = theirs if pk is None else theirs.filter(pk=pk)
    return int(chosen.update(read_at=clock.real_now()))


def key_of(user_id: int) -> str:
    """Return the name under which the stream tells of one inbox: nobody can guess another's."""
    words = f"huoshui.notices.inbox:{user_id}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).hexdigest()[:24]


def poll(cursor: Cursor | None) -> tuple[Cursor, list[dict[str, Any]]]:
    """Return the inboxes that changed, by their keys, with how much is unread in each."""
    newest = Receipt.objects.aggregate(id=Max("id"), read=Max("read_at"))
    expired = Notice.objects.filter(expires_at__lte=clock.now()).count()
    now: Cursor = (newest["id"] or 0, newest["read"], expired)
    if cursor is not None and now == cursor:
        return now, []
    counted = Receipt.objects.all()
    if cursor is not None and now[2] == cursor[2]:
        changed = Q(id__gt=cursor[0])
        if now[1] is not None:
            changed |= Q(read_at__gt=cursor[1]) if cursor[1] else Q(read_at__isnull=False)
        counted = counted.filter(user_id__in=Receipt.objects.filter(changed).values("user_id"))
    standing = Q(notice__expires_at__isnull=True) | Q(notice__expires_at__gt=clock.now())
    rows = counted.values("user_id").annotate(
        unread=Count("id", filter=Q(read_at__isnull=True) & standing)
    )
    return now, [
        {"key": key_of(row["user_id"]), "unread": row["unread"]} for row in rows.order_by("user_id")
    ]


def tidy(_due_at: datetime | None = None) -> int:
    """Remove notices that everybody read long ago, or that nobody will read any more."""
    now = clock.now()
    unread_ones = Receipt.objects.filter(read_at__isnull=True).values("notice_id")
    read_long_ago = Q(sent_at__lt=now - KEEP_READ) & ~Q(id__in=unread_ones)
    removed, _by_model = Notice.objects.filter(
        read_long_ago | Q(sent_at__lt=now - KEEP_UNREAD)
    ).delete()
    return removed
