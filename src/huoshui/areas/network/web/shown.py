"""Facts of assets in words: their attributes by heading, and what changed when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import attributes, choices, queries
from huoshui.areas.network.changing import AT_APPROVAL
from huoshui.areas.network.models import Asset, AssetVersion, ValveCondition, ValveTurn, Zone
from huoshui.kernel import clock
from huoshui.kernel.pages import formats, kit

LEFT_AS_IT_IS = "!$&'()*+,;=/~:@"
"""Signs of a code that an address shows as they are."""

SHAPE_LABELS: dict[str, Any] = {
    "line": _("Course of the pipe"),
    "place": _("Location"),
    "zone_id": _("Zone"),
    "start_id": _("Start node"),
    "end_id": _("End node"),
    "start": _("Start node"),
    "end": _("End node"),
    "retired_at": _("Taken out"),
    "valid_from": _("There since"),
    "kind": _("Kind"),
    "model_id": _("Name in the model"),
}


@lru_cache(maxsize=32)
def _around_code(url_name: str, prefix: str, urlconf: Any) -> tuple[str, str]:
    before, after = reverse(url_name, urlconf, args=["CODE"]).split("CODE")
    return before, after


def url_of_code(url_name: str, code: str) -> str:
    """Return the address of a page that has one code in it, as `reverse` would.

    A list names a hundred of them, and `reverse` looks the page up anew each time.
    """
    before, after = _around_code(
        url_name, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF
    )
    return f"{before}{quote(code, safe=LEFT_AS_IT_IS)}{after}"


def asset_url(code: str) -> str:
    """Return the address of an asset's page."""
    return url_of_code("network:asset", code)


def zone_url(code: str) -> str:
    """Return the address of a zone's page."""
    return url_of_code("network:zone", code)


def connection_url(code: str) -> str:
    """Return the address of a connection's page."""
    return url_of_code("network:connection", code)


def sections(row: Asset) -> list[kit.Section]:
    """Return the sections of an asset's page: every attribute of its kind, by heading."""
    zone = row.zone
    place = None if row.lon is None else f"{row.lon:.6f}°, {row.lat:.6f}°"
    first = [
        kit.Fact(_("Code"), row.code),
        kit.Fact(_("Kind"), choices.KINDS[row.kind]),
        kit.Fact(
            _("Zone"),
            queries.name_of(zone) if zone else None,
            href=zone_url(zone.code) if zone else "",
        ),
    ]
    by_group: dict[str, list[kit.Fact]] = {group: [] for group in attributes.GROUPS}
    by_group[attributes.Group.WHAT] += first
    by_group[attributes.Group.PLACE].append(kit.Fact(_("Longitude, latitude"), place))
    for one in attributes.of_kind(row.kind):
        found = attributes.value(row, one)
        if one.group != attributes.Group.SIZE and found is None and one.code not in ASKED_FOR:
            continue
        if one.code.startswith("roughness") and found is None:
            continue
        by_group[one.group].append(kit.Fact(one.label, attributes.words_of(one, found), one.unit))
    return [
        kit.Section(attributes.GROUPS[group], facts) for group, facts in by_group.items() if facts
    ]


# Shown even where nothing is known, so that the gap is seen.
ASKED_FOR = frozenset({"name", "material", "laid_year", "status", "valve_kind", "depth_m", "road"})


@dataclass(frozen=True)
class Line:
    """One thing that happened to an asset: when, what, old and new, who and why."""

    at: Any
    what: Any
    old: Any = None
    new: Any = None
    who: str = ""
    why: str = ""
    change_set_id: int | None = None


def timeline(row: Asset) -> list[Line]:
    """Return what happened to an asset, the newest first."""
    lines = [line for version in _versions(row) for line in _of_version(version)]
    lines += _of_valve(row)
    if row.retired_at is not None and not any(line.what == _("Taken out") for line in lines):
        lines.append(Line(at=row.retired_at, what=_("Taken out")))
    if row.valid_from is not None:
        lines.append(Line(at=row.valid_from, what=_("There since")))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _versions(row: Asset) -> Iterable[AssetVersion]:
    return row.versions.select_related("recorded_by").order_by("-valid_from", "-id")[:200]


def _of_version(version: AssetVersion) -> list[Line]:
    found = []
    for label, old, new in differences(version.before, version.after):
        found.append(
            Line(
                at=version.valid_from,
                what=label,
                old=old,
                new=new,
                who=version.recorded_by.name if version.recorded_by else "",
                why=version.why,
                change_set_id=version.change_set_id,
            )
        )
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[Any, Any, Any]]:
    """Return what differs between two sets of values as (label, old, new) in words."""
    found: list[tuple[Any, Any, Any]] = []
    names = [name for name in after if before.get(name) != after[name]]
    if "lon" in names or "lat" in names:
        found.append((SHAPE_LABELS["place"], _place(before), _place(after)))
    for name in names:
        if name == "details":
            found += _detail_differences(before.get(name) or {}, after[name] or {})
        elif name in attributes.BY_CODE:
            one = attributes.BY_CODE[name]
            found.append((one.label, _said(one, before.get(name)), _said(one, after[name])))
        elif name in SHAPE_LABELS:
            found.append(
                (SHAPE_LABELS[name], _shape(name, before.get(name)), _shape(name, after[name]))
            )
    return found


def _detail_differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[Any, Any, Any]]:
    found = []
    for name in dict.fromkeys([*before, *after]):
        one = attributes.BY_CODE.get(name)
        if one is not None and before.get(name) != after.get(name):
            found.append((one.label, _said(one, before.get(name)), _said(one, after.get(name))))
    return found


def _said(one: attributes.Attribute, value: Any) -> Any:
    words = attributes.words_of(one, value)
    return words if words is None or not one.unit else f"{words} {one.unit}"


def _place(values: Mapping[str, Any]) -> str | None:
    lon, lat = values.get("lon"), values.get("lat")
    return None if lon is None or lat is None else f"{lon:.6f}°, {lat:.6f}°"


def _shape(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "line":
        return _("%(count)d points") % {"count": len(value)}
    if name == "zone_id":
        zone = Zone.objects.filter(id=value).first()
        return queries.name_of(zone) if zone else None
    if name in ("start_id", "end_id"):
        return Asset.objects.filter(id=value).values_list("code", flat=True).first()
    if name == "kind":
        return choices.KINDS.get(value)
    if name in ("retired_at", "valid_from"):
        return _("with this set") if value == AT_APPROVAL else str(value)[:10]
    return value


def opening(frac: float) -> Any:
    """Return how far a valve is open, in words."""
    if frac <= 0:
        return _("Fully closed")
    if frac >= 1:
        return _("Fully open")
    return _("%(percent)d %% open") % {"percent": round(frac * 100)}


def _of_valve(row: Asset) -> list[Line]:
    if row.kind != "valve":
        return []
    turns = ValveTurn.objects.filter(valve=row).select_related("recorded_by", "corrected_by")
    lines = [
        Line(
            at=turn.turned_at,
            what=_("Turn reported wrongly") if hasattr(turn, "corrected_by") else _("Valve turned"),
            new=opening(turn.opening_frac),
            who=turn.turned_by or (turn.recorded_by.name if turn.recorded_by else ""),
            why=turn.note,
        )
        for turn in turns[:100]
    ]
    looks = ValveCondition.objects.filter(valve=row).select_related("recorded_by")
    lines += [
        Line(
            at=look.seen_at,
            what=_("Looked at"),
            new=choices.OPERABILITIES[look.operability],
            who=look.seen_by or (look.recorded_by.name if look.recorded_by else ""),
            why=look.note,
        )
        for look in looks[:100]
    ]
    return lines


def valve_facts(row: Asset) -> kit.Section:
    """Return state and operability of a valve: two facts, each with who said so and when."""
    turn = (
        ValveTurn.objects.filter(valve=row)
        .standing_at(clock.now())
        .select_related("recorded_by")
        .first()
    )
    look = (
        ValveCondition.objects.filter(valve=row)
        .select_related("recorded_by")
        .order_by("-seen_at", "-id")
        .first()
    )
    normal = (row.details or {}).get("normal_state")
    state = opening(turn.opening_frac) if turn else None
    if state is None and normal:
        state = _("%(state)s (never reported)") % {"state": choices.NORMAL_STATES[normal]}
    return kit.Section(
        _("State and operability"),
        (
            kit.Fact(_("State"), state or _("Never reported; counts as open")),
            kit.Fact(_("Last turned"), _by(turn.turned_at, turn.turned_by, turn) if turn else None),
            kit.Fact(
                _("Operability"),
                choices.OPERABILITIES[look.operability if look else "unknown"],
            ),
            kit.Fact(_("Last looked at"), _by(look.seen_at, look.seen_by, look) if look else None),
        ),
    )


def _by(at: Any, name: str, row: ValveTurn | ValveCondition) -> str:
    who = name or (row.recorded_by.name if row.recorded_by else "")
    return f"{formats.text(at, 'moment')} {who}".strip()
