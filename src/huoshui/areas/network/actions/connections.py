"""Joining connections to pipes: the nearest by computing, or the one that a person chose."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db import transaction

from huoshui.areas.network import geo, rules, tapping
from huoshui.areas.network.actions import common
from huoshui.areas.network.contracts import Kind, Place
from huoshui.areas.network.models import Asset, Connection
from huoshui.areas.network.refusals import NotAPipe, UnknownAssets, UnknownConnection
from huoshui.areas.network.tapping import Tap
from huoshui.kernel import audit

ROWS_AT_ONCE = 1000
TAP_FIELDS = ("pipe_id", "tap_lon", "tap_lat", "along_m", "away_m", "zone_id")
STILL_ON_IT_M = 0.1
"""A tap this near to its pipe's new course has not moved."""


def connect(*, by_id: int | None, only_new: bool = False) -> int:
    """Join connections with a place to their nearest pipe in use; return how many changed.

    Those that a person joined by hand are left alone. With ``only_new`` those that have a pipe
    already are left alone too.
    """
    with transaction.atomic():
        rows = Connection.objects.filter(is_manual=False, lon__isnull=False)
        if only_new:
            rows = rows.filter(pipe=None)
        found = list(rows)
        places: list[Place] = [(row.lon or 0.0, row.lat or 0.0) for row in found]
        taps = tapping.Pipes.in_use().nearest(places)
        changed = 0 if taps is None else _keep(zip(found, taps, strict=True))
        if changed:
            audit.record(by_id, "network.connect", "network.connections", {"changed": changed})
    return changed


def retap(pipe_ids: Collection[int], *, fresh: Collection[int]) -> int:
    """Join the connections of pipes whose course changed to the pipes now in their place.

    A connection stays on its own pipe while its tap lies on it; else it goes to the nearest of its
    pipe and the ``fresh`` ones. That of a retired pipe goes to the pipe that was joined to it, or
    to the nearest fresh one unless that is too far: then nothing took the pipe's place, and the
    checks name the connection. A pipe chosen by hand stays so: it is the same under another code.
    """
    by_pipe: dict[int, list[Connection]] = {}
    rows = Connection.objects.filter(pipe_id__in=[*pipe_ids, *fresh], tap_lon__isnull=False)
    for row in rows:
        by_pipe.setdefault(row.pipe_id or 0, []).append(row)
    done: list[tuple[Connection, Tap]] = []
    for pipe_id, some in by_pipe.items():
        places: list[Place] = [(row.tap_lon or 0.0, row.tap_lat or 0.0) for row in some]
        own = tapping.Pipes.with_ids([pipe_id]).nearest(places)
        most_m = math.inf if own else STILL_ON_IT_M
        kept = own or tapping.Pipes.with_ids(list(pipe_ids)).nearest(places)
        new = tapping.Pipes.with_ids([one for one in fresh if one != pipe_id]).nearest(places)
        for index, row in enumerate(some):
            tap = _better(kept[index] if kept else None, new[index] if new else None, most_m)
            if tap is not None:
                done.append((row, _from_customer(row, tap)))
    return _keep(done)


def _better(kept: Tap | None, new: Tap | None, most_m: float) -> Tap | None:
    """Return the tap on a known pipe, at most so far away, or on a new one; None for neither."""
    if new is not None and new.away_m > rules.CONNECTION_FAR_M:
        new = None
    if kept is None or kept.away_m > most_m:
        return new
    if new is None or kept.away_m <= max(STILL_ON_IT_M, new.away_m):
        return kept
    return new


def _from_customer(row: Connection, tap: Tap) -> Tap:
    """Return a tap that was found from the old one, with its distance from the customer."""
    away_m = row.away_m
    if tap.away_m > STILL_ON_IT_M and row.lon is not None and row.lat is not None:
        away_m = round(geo.length_m([[row.lon, row.lat], [tap.lon, tap.lat]]), 2)
    return replace(tap, away_m=tap.away_m if away_m is None else away_m)


def _keep(found: Iterable[tuple[Connection, Tap]]) -> int:
    """Write where connections are tapped; a zone that was stated for one of them stays."""
    zones = dict(Asset.objects.filter(kind=Kind.PIPE).values_list("id", "zone_id"))
    changed = []
    for row, tap in found:
        follows = row.zone_id is None or row.zone_id == zones.get(row.pipe_id or 0)
        zone_id = tap.zone_id if follows else row.zone_id
        wanted = (tap.pipe_id, tap.lon, tap.lat, tap.along_m, tap.away_m, zone_id)
        if wanted != tuple(getattr(row, name) for name in TAP_FIELDS):
            for name, value in zip(TAP_FIELDS, wanted, strict=True):
                setattr(row, name, value)
            changed.append(row)
    Connection.objects.bulk_update(changed, TAP_FIELDS, batch_size=ROWS_AT_ONCE)
    if changed:
        common.new_revision(connections=[row.pk for row in changed])
    return len(changed)


def choose_pipe(connection_code: str, pipe_code: str, *, by_id: int | None) -> None:
    """Join a connection to the pipe that a person chose; computing leaves it alone from then on.

    An empty ``pipe_code`` gives it back to computing. Refuses unknown codes
    (`network.connection_unknown`, `network.assets_unknown`) and what is no drawn pipe
    (`network.not_a_pipe`).
    """
    with transaction.atomic():
        row = Connection.objects.filter(code=connection_code).first()
        if row is None:
            raise UnknownConnection(connection_code)
        pipes = tapping.Pipes.in_use() if not pipe_code else _one_pipe(pipe_code)
        row.is_manual = bool(pipe_code)
        row.save(update_fields=["is_manual"])
        if row.lon is not None and row.lat is not None:
            taps = pipes.nearest([(row.lon, row.lat)])
            _keep(zip([row], taps or (), strict=False))
        elif pipe_code:
            Connection.objects.filter(pk=row.pk).update(pipe_id=pipes.parts[0].id)
        audit.record(
            by_id,
            "network.choose_pipe",
            f"network.connection:{connection_code}",
            {"pipe": pipe_code},
        )


def _one_pipe(code: str) -> tapping.Pipes:
    pipe = Asset.objects.present().filter(code=code).first()
    if pipe is None:
        raise UnknownAssets([code])
    found = tapping.Pipes.with_ids([pipe.id]) if pipe.kind == Kind.PIPE else None
    if found is None or not found.parts:
        raise NotAPipe(code)
    return found
