"""What may be written down on a phone, and what each of it must say; plain Python."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from huoshui.areas.fieldwork.contracts import Cause, Found
from huoshui.areas.fieldwork.patrol import kinds as patrol_kinds
from huoshui.areas.fieldwork.patrol import rules as patrol_rules

TEXT_MAX = 5000
NAME_MAX = 200
FIGURE_MAX = 1e9
HASH = re.compile(r"[0-9a-f]{64}")


class EntryKind(StrEnum):
    """What a crew does at a job."""

    ACCEPT = "accept"
    SET_OFF = "set_off"
    ARRIVE = "arrive"
    REPAIRED = "repaired"
    WATER_BACK = "water_back"
    STEP = "step"
    READING = "reading"
    METER = "meter"
    MATERIAL = "material"
    NOTE = "note"
    SIGNATURE = "signature"
    PHOTO = "photo"
    FINISH = "finish"
    WALK = "walk"
    FINDING = "finding"
    SITE = "site"
    CHECK = "check"
    CHECK_PHOTO = "check_photo"


# These belong to no job.
OF_PATROL = frozenset(
    {EntryKind.WALK, EntryKind.FINDING, EntryKind.SITE, EntryKind.CHECK, EntryKind.CHECK_PHOTO}
)


class Outcome(StrEnum):
    """What became of an entry."""

    TAKEN = "taken"
    KEPT = "kept"
    REFUSED = "refused"


class Measured(StrEnum):
    """What is read at a job, the unit last."""

    PRESSURE_MPA = "pressure_mpa"
    FLOW_M3H = "flow_m3h"
    METER_M3 = "meter_m3"
    CHLORINE_MGL = "chlorine_mgl"
    TURBIDITY_NTU = "turbidity_ntu"
    TEMPERATURE_C = "temperature_c"


class Shows(StrEnum):
    """What a photo shows."""

    BEFORE = "before"
    DAMAGE = "damage"
    AFTER = "after"
    METER = "meter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an entry: whether it must be there, and whether a value will do."""

    fits: Callable[[Any], bool]
    required: bool = True


def _figure(low: float, high: float = FIGURE_MAX) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value) and low <= value <= high

    return fits


def _text(most: int, *, empty: bool = False) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        return isinstance(value, str) and len(value) <= most and (empty or bool(value.strip()))

    return fits


def _one_of(codes: type[StrEnum]) -> Callable[[Any], bool]:
    known = {str(one) for one in codes}
    return lambda value: isinstance(value, str) and value in known


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


NOT_NEGATIVE = Field(_figure(0))
PICTURE = {"hash": Field(_is_hash), "size": Field(_figure(1, 1e8))}

FIELDS: dict[EntryKind, dict[str, Field]] = {
    EntryKind.ACCEPT: {},
    EntryKind.SET_OFF: {},
    EntryKind.ARRIVE: {},
    EntryKind.REPAIRED: {},
    EntryKind.WATER_BACK: {},
    EntryKind.STEP: {
        "step": Field(_text(NAME_MAX)),
        "done": Field(lambda value: isinstance(value, bool)),
        "label": Field(_text(NAME_MAX, empty=True), required=False),
    },
    EntryKind.READING: {"what": Field(_one_of(Measured)), "value": Field(_figure(-100))},
    EntryKind.METER: {
        "old_number": Field(_text(64)),
        "old_reading_m3": NOT_NEGATIVE,
        "new_number": Field(_text(64)),
        "start_reading_m3": NOT_NEGATIVE,
        "new_part": Field(_text(64, empty=True), required=False),
        "stopped_on": Field(_is_day, required=False),
    },
    EntryKind.MATERIAL: {
        "name": Field(_text(NAME_MAX)),
        "amount": Field(_figure(0.001, 1e6)),
        "unit": Field(_text(20, empty=True), required=False),
        "code": Field(_text(64, empty=True), required=False),
    },
    EntryKind.NOTE: {"text": Field(_text(TEXT_MAX))},
    EntryKind.SIGNATURE: {"name": Field(_text(NAME_MAX)), **PICTURE},
    EntryKind.PHOTO: {"shows": Field(_one_of(Shows)), **PICTURE},
    EntryKind.FINISH: {
        "found": Field(_one_of(Found)),
        "found_asset_code": Field(_text(64, empty=True), required=False),
        "found_size_m3h": Field(_figure(0, 10_000), required=False),
        "note": Field(_text(TEXT_MAX, empty=True), required=False),
        "cause": Field(_one_of(Cause), required=False),
    },
    EntryKind.WALK: {
        "walk": Field(_text(36)),
        "round": Field(_text(40)),
        "part": Field(_figure(1, patrol_rules.PIECES_MAX)),
        "parts": Field(_figure(1, patrol_rules.PIECES_MAX)),
        "began_ago_s": Field(_figure(0, 7 * 86_400)),
        "track": Field(_text(16_000)),
        "seen": Field(_text(12_000, empty=True), required=False),
    },
    EntryKind.FINDING: {
        "finding": Field(_one_of(patrol_kinds.FindingKind)),
        "lon": Field(_figure(-180, 180)),
        "lat": Field(_figure(-90, 90)),
        "walk": Field(_text(36, empty=True), required=False),
        "round": Field(_text(40, empty=True), required=False),
        "asset_code": Field(_text(64, empty=True), required=False),
        "note": Field(_text(TEXT_MAX, empty=True), required=False),
        "wants_job": Field(lambda value: isinstance(value, bool), required=False),
        **{name: replace(field, required=False) for name, field in PICTURE.items()},
    },
    EntryKind.SITE: {
        "site": Field(_text(20)),
        "what": Field(_one_of(patrol_kinds.SeenAtSite)),
        "person": Field(_text(80, empty=True), required=False),
        "asset_code": Field(_text(64, empty=True), required=False),
        "note": Field(_text(TEXT_MAX, empty=True), required=False),
        **{name: replace(field, required=False) for name, field in PICTURE.items()},
    },
    EntryKind.CHECK: {
        "round": Field(_text(40, empty=True), required=False),
        "asset_code": Field(_text(64)),
        "answers": Field(_text(12_000)),
        "list": Field(_text(40, empty=True), required=False),
        "note": Field(_text(2000, empty=True), required=False),
        "wants_job": Field(lambda value: isinstance(value, bool), required=False),
    },
    EntryKind.CHECK_PHOTO: {
        "asset_code": Field(_text(64)),
        "item": Field(_text(40)),
        **PICTURE,
    },
}


def problems(kind: EntryKind, body: Mapping[str, Any]) -> list[str]:
    """Return the names of the values that are missing, wrong or unknown."""
    fields = FIELDS[kind]
    wrong = [name for name in body if name not in fields]
    for name, field in fields.items():
        value = body.get(name)
        if value is None:
            if field.required:
                wrong.append(name)
        elif not field.fits(value):
            wrong.append(name)
    same = kind is EntryKind.METER and body.get("old_number") == body.get("new_number")
    if same and not wrong:
        wrong.append("new_number")
    return sorted(set(wrong))
