"""Send a notice, or take it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import translation

from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.kernel.notices.models import Notice

INFO, WARNING, CRITICAL = "info", "warning", "critical"
LEVELS = (INFO, WARNING, CRITICAL)
TITLE_CHARS_MAX = 200


def send(
    *,
    users: Iterable[Any] = (),
    posts: Iterable[str] = (),
    title: Any,
    text: Any = "",
    url: str = "",
    level: str = INFO,
    key: str = "",
    values: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> Notice | None:
    """Put a notice into the inboxes of some users and of everybody who holds some posts now.

    ``title`` and ``text`` may be lazy translations with ``%(name)s`` that ``values`` fill: they are
    kept in both languages. Plain text is kept as it is. With a ``key`` the notice is sent once,
    however often it is asked for; then, and when nobody would receive it, the answer is None.
    Raises TransactionManagementError outside ``atomic()``: a deed undone must leave no notice.
    """
    from huoshui.kernel.notices.models import Notice, Receipt

    if level not in LEVELS:
        msg = f"a notice is {', '.join(LEVELS)}, not {level!r}"
        raise ValueError(msg)
    if url and (not url.startswith("/") or url.startswith("//")):
        msg = f"a notice leads to a page of ours, not to {url!r}"
        raise ValueError(msg)
    if not transaction.get_connection().in_atomic_block:
        msg = "send notices inside atomic(), with the deed they tell of"
        raise transaction.TransactionManagementError(msg)
    readers = _readers(users, posts)
    if not readers or (key and Notice.objects.filter(key=key).exists()):
        return None
    now = clock.now()
    words = {
        language: (_said(title, values, code)[:TITLE_CHARS_MAX], _said(text, values, code))
        for language, code in (("en", "en"), ("zh", "zh-hans"))
    }
    try:
        with transaction.atomic():
            notice = Notice.objects.create(
                key=key,
                level=level,
                title_en=words["en"][0],
                title_zh=words["zh"][0],
                text_en=words["en"][1],
                text_zh=words["zh"][1],
                url=url,
                sent_at=now,
                expires_at=max(expires_at, now) if expires_at else None,
            )
    except IntegrityError:  # somebody sent the same at the same moment
        return None
    Receipt.objects.bulk_create(Receipt(notice=notice, user_id=pk) for pk in sorted(readers))
    return notice


def withdraw(key: str) -> bool:
    """Let a notice expire now, because what it told of is over; tell whether there was one."""
    from huoshui.kernel.notices.models import Notice

    now = clock.now()
    standing = Notice.objects.standing_at(now).filter(key=key)
    # A later trouble of the same kind must be told again, so the key becomes free.
    return bool(key and standing.update(expires_at=now, key=""))


def _readers(users: Iterable[Any], posts: Iterable[str]) -> set[int]:
    from huoshui.kernel.accounts.models import PostHolding, User

    wanted = {getattr(one, "pk", one) for one in users}
    found = set(User.objects.filter(pk__in=wanted, is_active=True).values_list("pk", flat=True))
    codes = list(posts)
    if codes:
        holding = PostHolding.objects.filter(post__code__in=codes, user__is_active=True)
        found |= set(holding.valid_at(clock.now()).values_list("user_id", flat=True))
    return found


def _said(words: Any, values: Mapping[str, Any] | None, language: str) -> str:
    """Return words as a reader of one language sees them, values filled in."""
    with translation.override(language):
        text = str(words() if callable(words) else words)
        return text % {name: str(one) for name, one in values.items()} if values else text
