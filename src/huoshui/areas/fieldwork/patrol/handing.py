"""What phones hand in of patrols: walks in pieces, and findings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, ground, kinds, queries, rules, site_actions
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

DEGREES = 1e-6
Refusal = tuple[str, dict[str, Any]]


def read_track(text: str) -> list[list[float | None]] | None:
    """Return the fixes of a piece as a phone writes them, or None where that cannot be read.

    ``lon,lat,seconds,metres`` with semicolons between; millionths of degrees, whole seconds since
    the walk began and the accuracy, empty where not known. Each but the accuracy is the step from
    the fix before; the first one's from zero.
    """
    fixes: list[list[float | None]] = []
    lon = lat = second = 0
    for one in filter(None, text.split(";")):
        parts = one.split(",")
        try:
            east, north, later = (int(part) for part in parts[:3])
            accuracy = float(parts[3]) if parts[3] else None
        except (ValueError, IndexError):
            return None
        lon, lat, second = lon + east, lat + north, second + later
        if abs(lon) > 180e6 or abs(lat) > 90e6 or not 0 <= second <= 7 * 86_400:
            return None
        if len(parts) != 4 or (accuracy is not None and not math.isfinite(accuracy)):
            return None
        fixes.append([round(lon * DEGREES, 6), round(lat * DEGREES, 6), float(second), accuracy])
    return fixes


def take_piece(row: models.PhoneEntry, body: Mapping[str, Any], by: User) -> Refusal | None:
    """Keep one piece of a walk; with the last that was missing, the walk is put together.

    The caller saves the entry that the piece points at, in the same transaction.
    """
    walked = queries.round_of(str(body["round"]))
    if walked is None:
        return "fieldwork.no_such_round", {"names": [str(body["round"])]}
    part, parts = int(body["part"]), int(body["parts"])
    if part > parts or read_track(str(body["track"])) is None:
        return "fieldwork.entry_not_valid", {"names": ["track"]}
    # The last pieces of a walk may come at once; each must see the others.
    models.PatrolRound.objects.select_for_update().get(pk=walked.pk)
    key = str(body["walk"])
    others = models.PatrolPiece.objects.filter(walk_key=key).select_related("entry")
    there = {one.part: one.entry for one in others}
    if part in there:
        return "fieldwork.piece_known", {}
    if any(one.by_id != by.pk for one in there.values()):
        return "fieldwork.entry_differs", {}
    models.PatrolPiece.objects.create(walk_key=key, part=part, parts=parts, entry=row)
    there[part] = row
    if len(there) == parts:
        _put_together(walked, [there[number] for number in sorted(there)], key, by)
    return None


def _put_together(
    walked: models.PatrolRound, entries: list[models.PhoneEntry], key: str, by: User
) -> None:
    track: list[ground.Fix] = []
    seen: list[str] = []
    for entry in entries:
        body = entry_body(entry)
        track += read_track(str(body["track"])) or []
        seen += filter(None, str(body.get("seen") or "").split("\n"))
    latest = entries[-1]
    ago = timedelta(seconds=float(entry_body(latest)["began_ago_s"]))
    actions.take_walk(
        walked,
        by=by,
        began_at=latest.done_at - ago,
        track=track[: rules.TRACK_FIXES_MAX],
        source=kinds.Source.PHONE,
        seen=seen,
        key=key,
    )


def take_finding(row: models.PhoneEntry, body: Mapping[str, Any], by: User) -> Refusal | None:
    """Keep a finding; it may come before its walk."""
    asset_code = str(body.get("asset_code") or "").strip()
    if asset_code and network.asset(asset_code) is None:
        return "fieldwork.unknown_place", {"names": [asset_code]}
    actions.take_finding(
        by=by,
        kind=kinds.FindingKind(body["finding"]),
        lon=float(body["lon"]),
        lat=float(body["lat"]),
        found_at=min(row.done_at, clock.now()),
        asset_code=asset_code,
        note=str(body.get("note") or ""),
        row=queries.round_of(str(body.get("round") or "")),
        walk_key=str(body.get("walk") or ""),
        key=str(row.pk),
        photo_hash=str(body.get("hash") or ""),
        wants_job=bool(body.get("wants_job")),
    )
    return None


def take_site(row: models.PhoneEntry, body: Mapping[str, Any], by: User) -> Refusal | None:
    """Keep what somebody saw or said at a construction site; damage asks for its repair at once.

    What the site itself refuses, such as one that is finished, is refused to this entry alone.
    """
    if not permissions.holds(by, "fieldwork.record_patrol"):
        return "fieldwork.not_for_sites", {}
    number, what = str(body["site"]), kinds.SiteStep(body["what"])
    if queries.site(number) is None:
        return "fieldwork.no_such_site", {"names": [number]}
    asset_code = str(body.get("asset_code") or "").strip()
    person = str(body.get("person") or "").strip()
    if what == kinds.SiteStep.DAMAGED and not asset_code:
        return "fieldwork.entry_not_valid", {"names": ["asset_code"]}
    if what == kinds.SiteStep.DISCLOSED and not person:
        return "fieldwork.entry_not_valid", {"names": ["person"]}
    if asset_code and network.asset(asset_code) is None:
        return "fieldwork.unknown_place", {"names": [asset_code]}
    site_actions.note_at_site(
        number, what, by_id=by.pk, note=str(body.get("note") or "").strip(), person=person,
        asset_code=asset_code, at=min(row.done_at, clock.now()), key=str(row.pk),
        photo_hash=str(body.get("hash") or ""),
    )  # fmt: skip
    return None


def entry_body(entry: models.PhoneEntry) -> dict[str, Any]:
    """Return what an entry says."""
    found: dict[str, Any] = json.loads(entry.payload)["body"]
    return found
