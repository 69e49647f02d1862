"""Running the checks of `lab.graph` over the register, and naming what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyproj
from django.db.models import Q

from huoshui.areas.network import attributes, contracts, drawing, rules
from huoshui.areas.network.contracts import Kind, ValveKind
from huoshui.areas.network.drawing import Register
from huoshui.areas.network.models import Asset, Connection
from huoshui.lab.graph import checks
from huoshui.lab.graph.checks import NONE, Drawing, Found

DIRECTED = frozenset(
    {
        ValveKind.CHECK,
        ValveKind.PRESSURE_REDUCING,
        ValveKind.PRESSURE_SUSTAINING,
        ValveKind.FLOW_CONTROL,
    }
)


@dataclass(frozen=True)
class Named:
    """One thing found, by numbers of assets; ``subject`` tells it from others of its check."""

    check: str
    subject: str
    asset_id: int | None = None
    other_id: int | None = None
    value: float | None = None
    expected: float | None = None
    lon: float | None = None
    lat: float | None = None
    zone_id: int | None = None


Told = Callable[[int, int], None]


def find(told: Told = lambda done, total: None) -> Iterator[Named]:
    """Run every check and yield what it found; ``told`` hears how many checks are done."""
    register = drawing.read()
    drawn, back = register.drawing()
    steps = _steps(register, drawn)
    total = len(steps) + 4
    for number, (code, step) in enumerate(steps.items()):
        told(number, total)
        yield from _named(register, back, code, step())
    told(total - 4, total)
    yield from _boundary_valves(register)
    yield from _far_connections()
    told(total - 2, total)
    yield from _out_of_range()
    yield from _without_place(register)
    told(total, total)


def _steps(register: Register, drawn: Drawing) -> dict[str, Callable[[], list[Found]]]:
    directed = np.array(
        [index for index, link in enumerate(register.links) if link.valve_kind in DIRECTED],
        dtype=np.int64,
    )
    return {
        "no_source": lambda: checks.cut_off_pieces(drawn, even_when_open=True),
        "shut_off": lambda: checks.cut_off_pieces(drawn, even_when_open=False),
        "unlinked": lambda: checks.unlinked_nodes(drawn),
        "same_place": lambda: checks.close_nodes(
            drawn, least_m=0.0, most_m=rules.SAME_PLACE_WITHIN_M
        ),
        "close_nodes": lambda: checks.close_nodes(
            drawn, least_m=rules.SAME_PLACE_WITHIN_M, most_m=rules.ALMOST_TOUCHING_WITHIN_M
        ),
        "end_near_pipe": lambda: checks.ends_near_pipes(
            drawn, within_m=rules.ALMOST_TOUCHING_WITHIN_M
        ),
        "crossing": lambda: checks.crossings(drawn),
        "duplicate": lambda: checks.duplicates(drawn, within_m=rules.SAME_COURSE_WITHIN_M),
        "loop": lambda: checks.loops_of_one(drawn),
        "no_length": lambda: checks.without_length(drawn, least_m=rules.LEAST_PIPE_M),
        "length_differs": lambda: checks.lengths_that_differ(
            drawn, by_frac=rules.LENGTH_DIFFERS_FRAC, by_m=rules.LENGTH_DIFFERS_M
        ),
        "no_diameter": lambda: checks.without_diameter(drawn),
        "diameter_jump": lambda: checks.diameter_jumps(drawn, ratio=rules.DIAMETER_JUMP_RATIO),
        "valve_direction": lambda: checks.valves_against_the_source(drawn, directed=directed),
    }


def _named(
    register: Register, back: pyproj.Transformer, code: str, found: Iterable[Found]
) -> Iterator[Named]:
    for one in found:
        parts = [register.links[index] for index in (one.link, one.other_link) if index != NONE]
        parts += [register.nodes[index] for index in (one.node, one.other_node) if index != NONE]
        if one.link == NONE and one.node != NONE:
            # What is about a node names the node first, even if a pipe is beside it.
            parts = parts[::-1] if len(parts) == 2 and one.other_link != NONE else parts
        lon, lat = (None, None)
        if one.x == one.x:
            lon, lat = (round(float(value), 7) for value in back.transform(one.x, one.y))
        yield Named(
            check=code,
            subject="|".join(sorted(part.code for part in parts))[:200],
            asset_id=parts[0].id,
            other_id=parts[1].id if len(parts) > 1 else None,
            value=_known(one.value),
            expected=_known(one.expected),
            lon=lon if lon is not None else parts[0].lon,
            lat=lat if lat is not None else parts[0].lat,
            zone_id=parts[0].zone_id,
        )


def _known(value: float) -> float | None:
    return round(float(value), 4) if value == value else None


def _boundary_valves(register: Register) -> Iterator[Named]:
    wanted = Q(details__is_boundary=True) | Q(details__normal_state="closed")
    rows = Asset.objects.present().filter(wanted, kind=Kind.VALVE)
    for row in rows.only("id", "code", "lon", "lat", "zone_id"):
        if row.id not in register.openings:
            yield _of_row("boundary_state", row)


def _of_row(check: str, row: Asset, subject: str = "", value: float | None = None) -> Named:
    return Named(
        check=check,
        subject=(subject or row.code)[:200],
        asset_id=row.id,
        value=value,
        lon=row.lon,
        lat=row.lat,
        zone_id=row.zone_id,
    )


def _far_connections() -> Iterator[Named]:
    far = Q(away_m__gt=rules.CONNECTION_FAR_M) | Q(pipe=None)
    # A pipe that a person chose may be far, but not gone.
    off = Q(far, is_manual=False) | Q(pipe__retired_at__isnull=False)
    rows = Connection.objects.filter(off).exclude(status=contracts.ConnectionStatus.CLOSED)
    for row in rows.only("code", "pipe_id", "away_m", "lon", "lat", "zone_id").iterator():
        yield Named(
            check="connection_far",
            subject=row.code,
            asset_id=row.pipe_id,
            value=row.away_m,
            lon=row.lon,
            lat=row.lat,
            zone_id=row.zone_id,
        )


def _out_of_range() -> Iterator[Named]:
    present = Asset.objects.present()
    for one in attributes.TABLE:
        if not one.column or one.low is None or one.high is None:
            continue
        beyond = Q(**{f"{one.code}__lt": one.low}) | Q(**{f"{one.code}__gt": one.high})
        for row in present.filter(beyond, kind__in=one.kinds):
            yield _of_row(
                "out_of_range", row, f"{row.code}|{one.code}", float(getattr(row, one.code))
            )
    for row in present.exclude(details={}).iterator(chunk_size=2000):
        for name, value in row.details.items():
            known = attributes.BY_CODE.get(name)
            if known is not None and attributes.impossible(known, value) is not None:
                number = float(value) if isinstance(value, int | float) else None
                yield _of_row("out_of_range", row, f"{row.code}|{name}", number)


def _without_place(register: Register) -> Iterator[Named]:
    for node in register.nodes:
        if node.lon is None:
            yield Named(check="no_place", subject=node.code, asset_id=node.id, zone_id=node.zone_id)
