"""Measure sizes once an hour, so that growth can be told; tell people of what begins to fail."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, notices, settings
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import PostHolding
from huoshui.kernel.health import checking, checks
from huoshui.kernel.health.models import Sample
from huoshui.kernel.notices.models import Notice

KEEP = timedelta(days=180)
KEY = "health:"


def measure(_due_at: datetime | None = None) -> None:
    """Keep how much is free and how large the database is."""
    now = clock.real_now()
    free, _total = checks.free_bytes(settings.get().home)
    sizes = {"disk_free": free}
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        sizes["database"] = path.stat().st_size if path.exists() else 0
    with transaction.atomic():
        Sample.objects.bulk_create(
            Sample(name=name, at=now, size_bytes=found) for name, found in sizes.items()
        )
        Sample.objects.filter(at__lt=now - KEEP).delete()


def keepers() -> set[int]:
    """Return the users who may see the health page, and so can do something about it."""
    holdings = PostHolding.objects.valid_at(clock.now()).select_related("post")
    return {
        one.user_id
        for one in holdings.filter(user__is_active=True)
        if "health.read"
        in permissions.of_post(
            one.post.code, granted=one.post.granted, withdrawn=one.post.withdrawn
        )
    }


def tell(_due_at: datetime | None = None) -> int:
    """Send a notice for each check that fails, once until it is in order again."""
    found: dict[str, dict[str, checking.Result]] = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found[language] = {one.code: one for one in checking.run_all()}
    open_keys = set(Notice.objects.filter(key__startswith=KEY).values_list("key", flat=True))
    failing = [one for one in found["en"].values() if one.level == checking.FAILING]
    for key in open_keys - {KEY + one.code for one in failing}:
        with transaction.atomic():
            notices.withdraw(key)
    readers = keepers() if failing else set()
    told = 0
    for result in failing:
        with transaction.atomic():
            sent = notices.send(
                users=readers,
                title=_("Failing: %(check)s"),
                text=functools.partial(_told, found, result.code),
                values={"check": result.label},
                url="/system/health/",
                level=notices.CRITICAL,
                key=KEY + result.code,
            )
        told += sent is not None
    return told


def _told(found: dict[str, dict[str, checking.Result]], code: str) -> str:
    """Return what fails in the words of the active language."""
    result = found[translation.get_language() or "en"].get(code)
    failing = [one for one in result.findings if one.level == checking.FAILING] if result else []
    return " ".join(f"{one.text} {one.remedy}".strip() for one in failing).replace("%", "%%")
