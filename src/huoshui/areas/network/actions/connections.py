"""Joining connections to pipes: the nearest by computing, or the one that a person chose."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from huoshui.areas.network import tapping
from huoshui.areas.network.actions import common
from huoshui.areas.network.contracts import Kind
from huoshui.areas.network.models import Asset, Connection
from huoshui.areas.network.refusals import NotAPipe, UnknownAssets, UnknownConnection
from huoshui.kernel import audit

ROWS_AT_ONCE = 1000
TAP_FIELDS = ("pipe_id", "tap_lon", "tap_lat", "along_m", "away_m", "zone_id")


def connect(*, by_id: int | None, only_new: bool = False) -> int:
    """Join connections with a place to their nearest pipe in use; return how many changed.

    Those that a person joined by hand are left alone. With ``only_new`` those that have a pipe
    already are left alone too.
    """
    with transaction.atomic():
        rows = Connection.objects.filter(is_manual=False, lon__isnull=False)
        if only_new:
            rows = rows.filter(pipe=None)
        changed = _tap(rows, tapping.Pipes.in_use())
        if changed:
            audit.record(by_id, "network.connect", "network.connections", {"changed": changed})
    return changed


def retap(pipe_ids: Sequence[int], *, among: Sequence[int]) -> int:
    """Join the connections of pipes that were split or joined to the pipes now in their place.

    A pipe chosen by hand stays chosen by hand: it is the same pipe under another code.
    """
    rows = Connection.objects.filter(pipe_id__in=list(pipe_ids), tap_lon__isnull=False)
    return _tap(rows, tapping.Pipes.with_ids(among), at_tap=True)


def _tap(rows: QuerySet[Connection], pipes: tapping.Pipes, *, at_tap: bool = False) -> int:
    found = list(rows)
    places = [(row.tap_lon, row.tap_lat) if at_tap else (row.lon, row.lat) for row in found]
    taps = pipes.nearest(places)  # type: ignore[arg-type]
    if taps is None:
        return 0
    changed = []
    for row, tap in zip(found, taps, strict=True):
        away_m = row.away_m if at_tap else tap.away_m
        wanted = (tap.pipe_id, tap.lon, tap.lat, tap.along_m, away_m, tap.zone_id)
        if wanted != tuple(getattr(row, name) for name in TAP_FIELDS):
            for name, value in zip(TAP_FIELDS, wanted, strict=True):
                setattr(row, name, value)
            changed.append(row)
    Connection.objects.bulk_update(changed, TAP_FIELDS, batch_size=ROWS_AT_ONCE)
    if changed:
        common.new_revision()
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
        if row.lon is not None:
            _tap(Connection.objects.filter(pk=row.pk), pipes)
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
