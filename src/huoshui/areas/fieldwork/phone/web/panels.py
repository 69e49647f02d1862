"""What phones recorded, on the page of a job."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import models, words
from huoshui.areas.fieldwork.phone import kinds, queries, times
from huoshui.areas.fieldwork.phone import words as phone_words
from huoshui.areas.fieldwork.phone.models import PhoneEntry
from huoshui.kernel.pages import formats

JSON_NAMES = {"hash", "size"}


def job_entries(request: HttpRequest, *, job: Any, **_context: Any) -> SafeString | None:
    """Show everything that phones handed in for a job, with its photos and its marks."""
    row = models.Job.objects.filter(number=job.number).first()
    entries = queries.entries_of(row) if row else []
    if not entries:
        return None
    photos = queries.photos_by_hash(entries)
    shown = [
        {
            "kind": phone_words.KINDS.get(one.kind, one.kind),
            "by": one.by,
            "at": one.done_at,
            "words": words_of(one),
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


def words_of(entry: PhoneEntry) -> str:
    """Say in one line what an entry says."""
    body = body_of(entry)
    if entry.kind == kinds.EntryKind.STEP:
        label = _step_label(str(body.get("step", ""))) or str(body.get("label", ""))
        return label if body.get("done") else _("taken back: %(step)s") % {"step": label}
    if entry.kind == kinds.EntryKind.READING:
        what = phone_words.MEASURED.get(str(body.get("what")), "")
        return f"{what}: {formats.text(body.get('value'))}"
    if entry.kind == kinds.EntryKind.MATERIAL:
        amount = formats.text(body.get("amount"))
        return " ".join(
            part for part in (str(body.get("name")), "×", amount, body.get("unit")) if part
        )
    if entry.kind == kinds.EntryKind.PHOTO:
        return str(phone_words.SHOWS.get(str(body.get("shows")), ""))
    if entry.kind in (kinds.EntryKind.NOTE, kinds.EntryKind.SIGNATURE):
        return str(body.get("text") or body.get("name") or "")
    return ", ".join(
        f"{phone_words.NAMES.get(name, name)}: {_value(name, value)}"
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


def _value(name: str, value: Any) -> str:
    if name == "found":
        return str(words.FOUND.get(str(value), value))
    return formats.text(value)


def _step_label(code: str) -> str:
    for steps in phone_words.STEPS.values():
        for known, label in steps:
            if known == code:
                return str(label)
    return ""
