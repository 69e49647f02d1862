"""Time the tiles of the great city's map, and weigh what a view of the map loads.

    .venv/bin/python -m benchmarks.tiles [--rounds 5] [--fresh]

Each tile is asked for through Django's whole chain (routing, session, permission, view) without a
socket. *On the fly*: the tile is not in the cache, the index of the network is in memory. *Stored*:
the tile is in the cache, the browser has nothing. *Known*: the browser has the tile and asks
whether it still holds. *Index*: the first tile of a process that has nothing in memory. *Change*:
the first tile after one pipe was changed.

A view of 1400 by 900 pixels loads at most 4 by 3 tiles of 512 pixels; of each zoom the fullest such
window of the whole city is weighed, and timed. Beyond zoom 16 the browser enlarges its tiles, so
that such a view loads less of the same tiles.
"""

from __future__ import annotations

import argparse
import collections
import statistics
import sys
import time
from typing import Any

from benchmarks import big_city, machine

VIEW_TILES = (4, 3)
BAR_ON_THE_FLY_MS, BAR_STORED_MS, BAR_VIEW_KB = 25.0, 2.0, 800.0
BAR_CHANGE_S = 2.0


def timed(client: Any, url: str, status: int = 200, **headers: str) -> tuple[float, int]:
    """Return how many milliseconds an answer takes, and its bytes."""
    began = time.perf_counter()
    answer = client.get(url, **headers)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != status:
        raise SystemExit(f"{url}: expected {status}, got {answer.status_code}")
    return took, len(answer.content)


def fullest_window(zoom: int) -> list[str]:
    """Return the addresses of the window that holds most at a zoom."""
    import numpy as np

    from huoshui.areas.network import queries, tiles

    index = tiles.index_of(queries.revision())
    held: collections.Counter[tuple[int, int]] = collections.Counter()
    for name, rank in index.ranks.items():
        kept = index.kept.get(zoom, {}).get(name, np.ones(len(rank.places), dtype=bool))
        held.update(map(tuple, (rank.places[kept] * (1 << zoom)).astype(int).tolist()))
    across, down = VIEW_TILES

    def window(corner: tuple[int, int]) -> list[tuple[int, int]]:
        return [(corner[0] + i, corner[1] + j) for i in range(across) for j in range(down)]

    corners = {(x - i, y - j) for x, y in held for i in range(across) for j in range(down)}
    best = max(corners, key=lambda corner: sum(held[one] for one in window(corner)))
    return [f"/tiles/network/{zoom}/{x}/{y}.mvt" for x, y in window(best)]


def of_zoom(client: Any, zoom: int, rounds: int) -> dict[str, float]:
    """Time and weigh the fullest window of a zoom."""
    from huoshui.areas.network import tiles

    urls = fullest_window(zoom)
    made: list[float] = []
    stored: list[float] = []
    weights = [0]
    for _ in range(rounds):
        tiles.cache().clear()
        made += [timed(client, url)[0] for url in urls]
        answers = [timed(client, url) for url in urls]
        stored += [took for took, _ in answers]
        weights = [size for _, size in answers]
    return {
        "view_kb": round(sum(weights) / 1000, 1),
        "largest_tile_kb": round(max(weights) / 1000, 1),
        **summary("on_the_fly", made),
        **summary("stored", stored),
    }


def of_the_city(client: Any, rounds: int) -> dict[str, Any]:
    """Measure every zoom of the present city, and what a process without an index needs."""
    from huoshui.areas.network import queries, rules, tiles

    middle = fullest_window(14)[0]
    starts = []
    for _ in range(min(rounds, 3)):
        tiles.forget()
        tiles.cache().clear()
        starts.append(timed(client, middle)[0])
    zooms = {
        str(zoom): of_zoom(client, zoom, rounds)
        for zoom in range(rules.TILE_ZOOM_MIN, rules.TILE_ZOOM_MAX + 1)
    }
    ranks = tiles.index_of(queries.revision()).ranks
    etag = client.get(middle).headers["ETag"]
    known = [timed(client, middle, 304, HTTP_IF_NONE_MATCH=etag)[0] for _ in range(20 * rounds)]
    return {
        "drawn": sum(len(rank.places) for rank in ranks.values()),
        "zooms": zooms,
        "index_s": round(statistics.median(starts) / 1000, 2),
        **summary("known", known),
        "worst_view_kb": max(one["view_kb"] for one in zooms.values()),
        "worst_on_the_fly_ms_median": max(one["on_the_fly_ms_median"] for one in zooms.values()),
        "worst_on_the_fly_ms_p95": max(one["on_the_fly_ms_p95"] for one in zooms.values()),
        "worst_stored_ms_median": max(one["stored_ms_median"] for one in zooms.values()),
    }


def change(client: Any) -> dict[str, float]:
    """Change one pipe and ask for a tile; again and again."""
    from huoshui.areas.network import facade
    from huoshui.areas.network.contracts import Attributes
    from huoshui.areas.network.models import Asset

    url = fullest_window(14)[0]
    code = Asset.objects.present().filter(kind="pipe").order_by("id").values_list("code")[0][0]
    first = []
    for year in (1991, 1992, 1993):
        facade.set_attributes({code: Attributes(laid_year=year)}, by_id=None)
        first.append(timed(client, url)[0])
    return {"change_s": round(statistics.median(first) / 1000, 3)}


def summary(name: str, times_ms: list[float]) -> dict[str, float]:
    """Return median and 95th percentile under names of their own."""
    ordered = sorted(times_ms)
    return {
        f"{name}_ms_median": round(statistics.median(ordered), 3),
        f"{name}_ms_p95": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
    }


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--pipes", type=int, default=big_city.PIPES)
    options.add_argument("--fresh", action="store_true", help="import the city anew")
    options.add_argument("--dry", action="store_true", help="keep no result")
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui/areas/network", "benchmarks/tiles.py")
    big_city.open_home(chosen.pipes, fresh=chosen.fresh)
    client = big_city.client()
    found = {**facts, "pipes": chosen.pipes, **of_the_city(client, chosen.rounds), **change(client)}
    found |= {
        "bar_on_the_fly_ms": BAR_ON_THE_FLY_MS,
        "bar_stored_ms": BAR_STORED_MS,
        "bar_view_kb": BAR_VIEW_KB,
        "bar_change_s": BAR_CHANGE_S,
    }
    found["passed"] = bool(
        found["worst_view_kb"] <= BAR_VIEW_KB
        and found["worst_on_the_fly_ms_median"] <= BAR_ON_THE_FLY_MS
        and found["worst_stored_ms_median"] <= BAR_STORED_MS
        and found["change_s"] <= BAR_CHANGE_S
    )
    if chosen.dry:
        print(found)
    else:
        machine.keep("tiles", found)
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
