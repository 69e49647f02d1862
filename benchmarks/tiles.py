"""Time a map tile of L-Town as the browser gets it, warm and cold.

    .venv/bin/python -m benchmarks.tiles [--rounds 20]

L-Town is imported into a database of its own. Each tile is then asked for through Django's whole
chain (routing, session, permission, view) without a socket. *Cold*: the tile is not in the cache,
the index of the network is in memory. *Start*: neither is. *Warm*: the tile is in the cache, the
browser has nothing. *Known*: the browser has the tile and asks whether it still holds.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import machine

ZOOMS = (12, 13, 14, 15, 16)
GRID = {"lon": 113.6, "lat": 34.75, "x_m": 1500.0, "y_m": 850.0}


def prepare() -> Any:
    """Make database, network and a signed-in client; return the client."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from huoshui.areas.network import facade
    from huoshui.kernel import clock
    from huoshui.kernel.accounts.models import Post, PostHolding, User

    call_command("migrate", verbosity=0)
    files = importlib.metadata.files("epyt") or []
    l_town = next(str(one.locate()) for one in files if one.name == "L-TOWN.inp")
    report = facade.import_inp(l_town, crs=facade.local_grid(**GRID), by_id=None)
    if not report.ok:
        raise SystemExit(f"L-Town was not imported: {report.problems}")
    user = User.objects.create(username="bench", name="Bench", created_at=clock.now())
    post = Post.objects.get(code="viewer")
    PostHolding.objects.create(user=user, post=post, from_at=clock.now())
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def addresses() -> list[str]:
    """Return every tile that holds something of L-Town, at the zooms people look at."""
    import numpy as np

    from huoshui.areas.network import geo, queries

    west, south, east, north = queries.bounds() or (0.0, 0.0, 0.0, 0.0)
    corners = geo.mercator(np.array([[west, north], [east, south]]))
    found = []
    for zoom in ZOOMS:
        (x_min, y_min), (x_max, y_max) = (corners * (1 << zoom)).astype(int).tolist()
        for x in range(x_min, x_max + 1):
            found += [f"/tiles/network/{zoom}/{x}/{y}.mvt" for y in range(y_min, y_max + 1)]
    return found


def timed(ask: Callable[[], Any], status: int) -> float:
    """Return how many milliseconds one answer takes."""
    began = time.perf_counter()
    response = ask()
    took = (time.perf_counter() - began) * 1000
    if response.status_code != status:
        raise SystemExit(f"expected {status}, got {response.status_code}")
    return took


def measure(client: Any, rounds: int) -> dict[str, Any]:
    """Return medians and 95th percentiles in milliseconds."""
    from huoshui.areas.network import queries, tiles

    urls = addresses()
    revision = queries.revision()
    tiles.forget()
    start = [timed(lambda: client.get(urls[0]), 200)]
    for _ in range(rounds - 1):
        tiles.forget()
        tiles.cache().clear()
        start.append(timed(lambda: client.get(urls[0]), 200))
    cold: list[float] = []
    warm: list[float] = []
    known: list[float] = []
    sizes: list[int] = []
    for _ in range(rounds):
        tiles.cache().clear()
        tiles.index_of(revision)
        for url in urls:
            cold.append(timed(lambda url=url: client.get(url), 200))
        for url in urls:
            warm.append(timed(lambda url=url: client.get(url), 200))
        etag = client.get(urls[0]).headers["ETag"]
        known.append(timed(lambda tag=etag: client.get(urls[0], HTTP_IF_NONE_MATCH=tag), 304))
    sizes = [len(client.get(url).content) for url in urls]
    return {
        "tiles": len(urls),
        "rounds": rounds,
        **summary("warm", warm),
        **summary("cold", cold),
        **summary("start", start),
        **summary("known", known),
        "tile_bytes_median": statistics.median(sizes),
        "tile_bytes_max": max(sizes),
        "bar_warm_ms": 20,
        "passed": statistics.median(warm) < 20,
    }


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
    options.add_argument("--rounds", type=int, default=20)
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui/areas/network")
    with tempfile.TemporaryDirectory(prefix="huoshui-tiles-") as home:
        os.environ["HUOSHUI_HOME"] = str(Path(home))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
        # Django's test client speaks to a host of this name.
        os.environ["HUOSHUI_ALLOWED_HOSTS"] = "testserver"
        found = {**facts, **measure(prepare(), chosen.rounds)}
    machine.keep("tiles", found)
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
