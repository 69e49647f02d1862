"""What a declaration said, kept for the cases that lived under it."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from django.utils import translation

from huoshui.kernel import clock
from huoshui.kernel.cases.declaring import CaseType

LANGUAGES = (("en", "en"), ("zh", "zh-hans"))


def snapshot_of(case_type: CaseType) -> dict[str, Any]:
    """Return the words of a declaration that old cases are read with."""
    return {
        "label": _said(case_type.label),
        "states": {
            one.code: {"label": _said(one.label), "kind": one.kind} for one in case_type.states
        },
        "transitions": {one.code: _said(one.label) for one in case_type.transitions},
        "fields": {
            one.code: {
                "label": _said(one.label),
                "kind": one.kind,
                "private": one.private,
                "unit": _said(one.unit),
                "choices": {code: _said(label) for code, label in one.choices},
            }
            for one in case_type.fields
        },
        "clocks": {one.code: _said(one.label) for one in case_type.clocks},
        "pauses": {one.code: _said(one.label) for one in case_type.pauses},
        "channels": {code: _said(label) for code, label in case_type.channels},
    }


def _said(words: Any) -> dict[str, str]:
    found = {}
    for name, code in LANGUAGES:
        with translation.override(code):
            found[name] = str(words)
    return found


def _packed(case_type: CaseType) -> tuple[dict[str, Any], str]:
    """Return the snapshot of a declaration and its digest; made once for each declaration."""
    known = _made.get(case_type.code)
    if known is None or known[0] is not case_type:
        snapshot = snapshot_of(case_type)
        packed = orjson.dumps(snapshot, option=orjson.OPT_SORT_KEYS)
        known = (case_type, snapshot, hashlib.sha256(packed).hexdigest())
        _made[case_type.code] = known
    return known[1], known[2]


_made: dict[str, tuple[CaseType, dict[str, Any], str]] = {}


def version_id(case_type: CaseType) -> int:
    """Return the key of the stored version of a declaration, which is kept if it is new."""
    from huoshui.kernel.cases.models import CaseTypeVersion

    snapshot, digest = _packed(case_type)
    known = CaseTypeVersion.objects.filter(type_code=case_type.code, digest=digest)
    found = known.values_list("pk", flat=True).first()
    if found is not None:
        return found
    row, _is_new = CaseTypeVersion.objects.get_or_create(
        type_code=case_type.code,
        digest=digest,
        defaults={"snapshot": snapshot, "created_at": clock.now()},
    )
    return row.pk
