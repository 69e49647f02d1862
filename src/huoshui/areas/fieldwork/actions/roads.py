"""Keeping the roads that crews drive on."""

from __future__ import annotations

import io

import numpy as np
from django.db import transaction

from huoshui.areas.fieldwork import models
from huoshui.kernel import audit, clock
from huoshui.lab.planning import roads
from huoshui.lab.planning.travel import Floats, Ints


@transaction.atomic
def keep_roads(
    *,
    file_name: str,
    content_hash: str,
    lon: Floats,
    lat: Floats,
    offsets: Ints,
    speed_kmh: Floats,
    one_way: roads.Flags,
    by_id: int | None,
) -> models.RoadMap:
    """Keep lines as the roads that count from now on, in place of those before."""
    graph = roads.of_lines(lon=lon, lat=lat, offsets=offsets, speed_kmh=speed_kmh, one_way=one_way)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, lon=lon, lat=lat, offsets=offsets, speed_kmh=speed_kmh, one_way=one_way
    )
    row = models.RoadMap.objects.create(
        file_name=file_name[: models.RoadMap._meta.get_field("file_name").max_length],
        content_hash=content_hash,
        imported_at=clock.now(),
        imported_by_id=by_id,
        lines=len(speed_kmh),
        length_m=float(np.sum(graph.length_m)),
        content=buffer.getvalue(),
    )
    audit.record(
        by_id, "fieldwork.roads_imported", f"fieldwork.roads:{row.pk}",
        {"file": file_name, "lines": row.lines},
    )  # fmt: skip
    return row
