"""The courses of all pipes, as one long row of bends: the ways that are known in every city."""

from __future__ import annotations

import json

import numpy as np
from django.db.models import TextField
from django.db.models.functions import Cast

from huoshui.areas.network import queries
from huoshui.areas.network.contracts import LINK_KINDS, Courses
from huoshui.areas.network.models import Asset

_known: list[Courses] = []


def of_links() -> Courses:
    """Return the courses of the present links; read again when any asset has changed."""
    revision = queries.revision()
    if _known and _known[0].version == revision:
        return _known[0]
    rows = (
        Asset.objects.present()
        .filter(kind__in=LINK_KINDS, start__isnull=False)
        .order_by("id")
        .values_list(Cast("line", TextField()), "start__lon", "start__lat", "end__lon", "end__lat")
    )
    bends: list[tuple[float, float]] = []
    counts: list[int] = []
    for line, *ends in rows.iterator(chunk_size=20_000):
        # A link drawn nowhere runs straight from node to node.
        course = json.loads(line) if isinstance(line, str) else line
        course = course or ([ends[:2], ends[2:]] if None not in ends else [])
        if len(course) > 1:
            bends += [(spot[0], spot[1]) for spot in course]
            counts.append(len(course))
    lonlat = np.array(bends, dtype=float).reshape(-1, 2)
    made = Courses(
        version=revision,
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        offsets=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]),
    )
    _known[:] = [made]
    return made
