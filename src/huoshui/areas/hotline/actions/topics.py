"""What calls are sorted by."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import refusals, standard
from huoshui.areas.hotline.models import Topic
from huoshui.kernel import audit

CODE = re.compile(r"[a-z0-9_]{1,40}")
KEPT = (
    "name_zh", "name_en", "kind", "case_type", "priority", "limit_minutes", "unit_code",
    "job_type_code", "is_folded", "guidance_zh", "guidance_en", "questions_zh", "questions_en",
    "chat_words", "order",
)  # fmt: skip


def fill_standard() -> int:
    """Write the standard topics into an empty table; return how many."""
    written = standard.fill(Topic)
    standard.fill_chat_words(Topic)
    standard.fill_job_types(Topic)
    standard.fill_wrong_numbers(Topic)
    return written


@transaction.atomic
def save_topic(
    code: str, *, above_code: str, values: dict[str, Any], by_id: int | None, is_new: bool = False
) -> Topic:
    """Add a topic or change one. Refuses a code that cannot be, or is taken; a third level."""
    if not CODE.fullmatch(code):
        raise refusals.NeedsValue("code", _("A code is small letters, digits and underscores."))
    row = Topic.objects.filter(code=code).first()
    if is_new and row is not None:
        raise refusals.NeedsValue("code", _("There is a topic with this code already."))
    above = Topic.objects.filter(code=above_code).first() if above_code else None
    if above is not None and (above.above_id is not None or above.code == code):
        raise refusals.NeedsValue("above", _("Topics have two levels."))
    if row is not None and above is not None and row.below.exists():
        raise refusals.NeedsValue("above", _("Topics have two levels."))
    row = row or Topic(code=code)
    row.above = above
    changed = {}
    for name in KEPT:
        if name in values:
            if row.pk is None or getattr(row, name) != values[name]:
                changed[name] = values[name]
            setattr(row, name, values[name])
    row.save()
    audit.record(by_id, "hotline.topic_saved", f"hotline.topic:{code}", changed)
    return row


@transaction.atomic
def retire_topic(code: str, *, is_retired: bool, by_id: int | None) -> None:
    """Offer a topic no more, or again; a topic above others takes them with it."""
    row = Topic.objects.filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("topic", code)
    Topic.objects.filter(pk=row.pk).update(is_retired=is_retired)
    row.below.update(is_retired=is_retired)
    audit.record(
        by_id, "hotline.topic_retired", f"hotline.topic:{code}", {"is_retired": is_retired}
    )
