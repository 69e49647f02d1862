"""What phones recorded, on the page of a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huoshui.areas.fieldwork import models, words
from huoshui.areas.fieldwork.phone import kinds, queries, times
from huoshui.areas.fieldwork.phone import words as phone_words
from huoshui.areas.fieldwork.phone.models import PhoneEntry
from huoshui.areas.fieldwork.queries import stock
from huoshui.kernel.pages import formats

JSON_NAMES = {"hash", "size"}


def job_entries(request: HttpRequest, *, job: Any, **_context: Any) -> SafeString | None:
    """Show everything that phones handed in for a job, with its photos and its marks."""
    row = models.Job.objects.filter(number=job.number).first()
    entries = queries.entries_of(row) if row else []
    if not entries:
        return None
    photos = queries.photos_by_hash(entries)
    bodies = [body_of(one) for one in entries]
    parts = _part_names() if any(one.get("new_part") for one in bodies) else {}
    shown = [
        {
            "kind": phone_words.KINDS.get(one.kind, one.kind),
            "by": one.by,
            "at": one.done_at,
            "words": words_of(one, parts),
            "marks": list(marks_of(one)),
            "awaited": bool(one.photo_hash) and (one.by_id, one.photo_hash) not in photos,
            "photo": photos.get((one.by_id, one.photo_hash)),
        }
        for one in entries
    ]
    return render_to_string("fieldwork/phone_panel.html", {"entries": shown}, request=request)


def body_of(entry: PhoneEntry) -> dict[str, Any]:
    """Return what an entry says."""
    body = json.loads(entry.payload).get("body")
    return body if isinstance(body, dict) else {}


def _part_names() -> dict[str, str]:
    """Return what each part is called, by its code."""
    return {one.code: words.name_of(one) for one in stock.parts()}


def words_of(entry: PhoneEntry, parts: Mapping[str, str] | None = None) -> str:
    """Say in one line what an entry says; ``parts`` names the parts that it may speak of."""
    body = body_of(entry)
    if entry.kind == kinds.EntryKind.STEP:
        label = _step_label(str(body.get("step", ""))) or str(body.get("label", ""))
        return label if body.get("done") else _("taken back: %(step)s") % {"step": label}
    if entry.kind == kinds.EntryKind.READING:
        what = phone_words.MEASURED.get(str(body.get("what")), "")
        return f"{what}{_(': ')}{formats.text(body.get('value'))}"
    if entry.kind == kinds.EntryKind.MATERIAL:
        amount = formats.text(body.get("amount"))
        return " ".join(
            part for part in (str(body.get("name")), "×", amount, body.get("unit")) if part
        )
    if entry.kind == kinds.EntryKind.PHOTO:
        return str(phone_words.SHOWS.get(str(body.get("shows")), ""))
    if entry.kind in (kinds.EntryKind.NOTE, kinds.EntryKind.SIGNATURE):
        return str(body.get("text") or body.get("name") or "")
    return pgettext("list", "; ").join(
        f"{phone_words.NAMES.get(name, name)}{_(': ')}{_value(name, value, parts)}"
        for name, value in body.items()
        if value not in (None, "") and name not in JSON_NAMES
    )


def marks_of(entry: PhoneEntry) -> Any:
    """Yield (words, colour) of what the reader should know of an entry."""
    if entry.code:
        yield phone_words.said(entry.code, entry.detail)[0], "orange"
    for field, (first, second) in dict(entry.detail.get("differing", {})).items():
        values = {
            "field": phone_words.NAMES.get(field, field),
            "first": _value(field, first),
            "second": _value(field, second),
        }
        yield _("%(field)s: “%(first)s” before, “%(second)s” now") % values, "red"
    if abs(entry.clock_off_s) > times.OFF_S_MAX:
        yield _off(entry.clock_off_s), "yellow"
    if entry.is_clock_doubted:
        yield _("The moment is not certain: the phone's clock was changed."), "yellow"


def _off(seconds: float) -> str:
    minutes = max(1, round(abs(seconds) / 60))
    text = _("%(minutes)s min") % {"minutes": minutes}
    if seconds > 0:
        return _("The phone's clock was %(time)s fast; corrected.") % {"time": text}
    return _("The phone's clock was %(time)s slow; corrected.") % {"time": text}


def _value(name: str, value: Any, parts: Mapping[str, str] | None = None) -> str:
    coded = {"found": words.FOUND, "cause": words.CAUSES, "new_part": parts or {}}
    if name in coded:
        return str(coded[name].get(str(value), value))
    return formats.text(value)


def _step_label(code: str) -> str:
    for steps in phone_words.STEPS.values():
        for known, label in steps:
            if known == code:
                return str(label)
    return ""
