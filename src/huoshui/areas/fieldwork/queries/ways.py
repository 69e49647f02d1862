"""The ways of crews: over the roads where they were brought in, else along the pipes.

Pipes lie in the streets, so their graph is there in every city; where they lead far round the
straight line times a factor is taken, and so it is where no graph connects two places.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huoshui.areas.fieldwork import models, rules
from huoshui.areas.network import facade as network
from huoshui.lab.planning import driving, roads

ROADS, PIPES, LINE = "roads", "pipes", "line"
Spot = tuple[float, float]

_known: dict[str, tuple[str, roads.Graph]] = {}


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways between places, and over what they lead."""

    over: str
    driving: driving.Driving


def present_roads() -> models.RoadMap | None:
    """Return the roads that count now, without their content; None where there are none."""
    return models.RoadMap.objects.defer("content").order_by("-id").first()


def graph() -> tuple[str, roads.Graph | None]:
    """Return what crews drive over and its graph, made once for each version."""
    number = models.RoadMap.objects.order_by("-id").values_list("pk", flat=True).first()
    if number is not None:
        if ROADS not in _known or _known[ROADS][0] != str(number):
            _known[ROADS] = str(number), _of_roads(number)
        return ROADS, _known[ROADS][1]
    courses = network.link_courses()
    if len(courses.offsets) < 2:
        return LINE, None
    if PIPES not in _known or _known[PIPES][0] != courses.version:
        speeds = np.full(len(courses.offsets) - 1, rules.CITY_SPEED_KMH)
        made = roads.of_lines(
            lon=courses.lon, lat=courses.lat, offsets=courses.offsets, speed_kmh=speeds
        )
        _known[PIPES] = courses.version, made
    return PIPES, _known[PIPES][1]


def _of_roads(number: int) -> roads.Graph:
    content = models.RoadMap.objects.values_list("content", flat=True).get(pk=number)
    with np.load(io.BytesIO(bytes(content)), allow_pickle=False) as kept:
        return roads.of_lines(
            lon=kept["lon"], lat=kept["lat"], offsets=kept["offsets"],
            speed_kmh=kept["speed_kmh"], one_way=kept["one_way"],
        )  # fmt: skip


def between(places: Sequence[Spot]) -> Ways:
    """Return the ways between places."""
    # Crews stand at a few depots: each place is looked for once.
    unique, number = np.unique(np.array(places, dtype=float).reshape(-1, 2), axis=0,
                               return_inverse=True)  # fmt: skip
    lon, lat = unique[:, 0], unique[:, 1]
    over, known = graph()
    if known is None:
        found = driving.by_line(lon, lat, speed_kmh=rules.CITY_SPEED_KMH)
    else:
        found = driving.along(
            known, lon, lat,
            off_speed_kmh=rules.CITY_SPEED_KMH, never_slower_than_line=over == PIPES,
        )  # fmt: skip
    cells = np.ix_(number.reshape(-1), number.reshape(-1))
    return Ways(
        over, driving.Driving(found.time_s[cells], found.way_m[cells], found.by_line[cells])
    )


def forget() -> None:
    """Drop what is remembered: tests roll back what a version stands for."""
    _known.clear()
