"""Time the lists, pages and searches of the great city as the browser gets them.

    .venv/bin/python -m benchmarks.city_pages [--rounds 5] [--fresh]

The city of 200,000 pipes and 100,000 customers is asked through Django's whole chain (routing,
session, permission, view, template) without a socket: the lists of assets and of connections with
any search, filter, order and page, then the other pages and the addresses that the map asks.
Wall time and the processor time of the process are measured, and the queries counted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import Any

from benchmarks import big_city, machine

BAR_LIST_WALL_MS, BAR_LIST_CPU_MS, BAR_PAGE_MS = 300.0, 20.0, 300.0
ASSETS = {
    "first page": "",
    "page 3": "page=3",
    "page 200": "page=200",
    "page 2000": "page=2000",
    "backwards": "sort=-sort_code",
    "backwards, page 100": "sort=-sort_code&page=100",
    **{
        f"by {name}": f"sort={name}"
        for name in ("kind", "name", "zone_name", "diameter_mm", "length_m", "material",
                     "laid_year", "elevation_m", "status")
    },
    "latest year first": "sort=-laid_year",
    "widest first, page 50": "sort=-diameter_mm&page=50",
    "one code": "q=P104217",
    "part of a code": "q=1042",
    "one figure": "q=7",
    "one letter": "q=P",
    "two figures": "q=42",
    "two words": "q=P10+42",
    "nothing": "q=nowhere",
    "a letter, by year": "q=P&sort=laid_year",
    "a part, by diameter": "q=104&sort=-diameter_mm",
    "valves": "kind=valve",
    "pumps: none": "kind=pump",
    "of a zone": "zone=DMA-07-07",
    "zone, by diameter": "zone=DMA-07-07&sort=-diameter_mm",
    "zone and word": "zone=DMA-07-07&q=42",
    "of a material": "material=pe",
    "material not known": "material=unknown",
    "material, by length": "material=pe&sort=-length_m",
    "of a diameter": "diameter=5",
    "diameter, by code": "diameter=1&sort=sort_code",
    "retired ones: none": "status=abandoned",
    "kind, zone, material, word": "kind=pipe&zone=DMA-07-07&material=pe&q=1",
    "kind, material, diameter, by year": "kind=pipe&material=pe&diameter=1&sort=laid_year",
}  # fmt: skip
CONNECTIONS = {
    "first page": "",
    "page 200": "page=200",
    **{
        f"by {name}": f"sort={name}"
        for name in ("customer_code", "address", "away_m", "annual_use_m3", "status")
    },
    "most use first": "sort=-annual_use_m3",
    "one code": "q=C10421",
    "one figure": "q=7",
    "an address": "q=421+号",
    "a common word": "q=号",
    "of a zone": "zone=DMA-07-07",
    "zone, by use": "zone=DMA-07-07&sort=-annual_use_m3",
    "zone and word": "zone=DMA-07-07&q=421",
    "a status": "status=in_use",
}
PAGES = {
    "map": "/map/",
    "zones": "/network/zones/",
    "one zone": "/network/zones/DMA-07-07/",
    "outlines of zones": "/api/v1/network/zone-outlines",
    "an asset": "/network/assets/P104217/",
    "a valve": "/network/assets/V100/",
    "a connection": "/network/connections/C10421/",
    "findings": "/network/checks/",
    "changes": "/network/changes/",
    "connections: none": "/network/connections/?q=nowhere",
    "search: a code": "/api/v1/network/search?q=P104217",
    "search: a figure": "/api/v1/network/search?q=7",
    "search: a letter": "/api/v1/network/search?q=p",
    "search: a part": "/api/v1/network/search?q=1042",
    "search: a word": "/api/v1/network/search?q=号",
    "search: a zone": "/api/v1/network/search?q=DMA-07",
    "search: nothing": "/api/v1/network/search?q=nowhere",
    "the exact count of assets": "/network/assets/?format=count",
    "the exact count of a word": "/network/assets/?format=count&q=1",
    "the exact count of connections": "/network/connections/?format=count",
    "API: zones": "/api/v1/network/zones",
    "API: assets with a word": "/api/v1/network/assets?q=1042",
}
"""Pages that show the city, what the map asks for, and the exact counts that a list asks later."""


def asked(client: Any, url: str) -> tuple[float, float]:
    """Return wall and processor time of one answer, in milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = client.get(url)
    took = (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3
    if answer.status_code != 200:
        raise SystemExit(f"{url}: {answer.status_code}")
    return took


def of_url(client: Any, url: str, rounds: int) -> dict[str, Any]:
    """Ask an address so many times; return medians and the count of its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first = asked(client, url)
    times = [asked(client, url) for _ in range(rounds if first[0] < 2000 else 1)]
    with CaptureQueriesContext(connection) as seen:
        asked(client, url)
    slowest = max(seen.captured_queries, key=lambda one: float(one["time"]), default=None)
    found: dict[str, Any] = {
        "url": url,
        "queries": len(seen),
        "first_wall_ms": round(first[0], 1),
        "wall_ms": round(statistics.median(one[0] for one in times), 1),
        "cpu_ms": round(statistics.median(one[1] for one in times), 1),
    }
    print(f"{found}", flush=True)
    if slowest and found["wall_ms"] > 100:
        print("    ", slowest["time"], slowest["sql"][:1500])
    return found


def worst(found: dict[str, dict[str, Any]], what: str) -> float:
    """Return the greatest value among some addresses."""
    return max(float(one[what]) for one in found.values())


def measure(rounds: int) -> dict[str, Any]:
    """Ask everything; say what the slowest of each kind costs."""
    client = big_city.client("manager")
    groups = {
        "assets": {name: f"/network/assets/?{query}" for name, query in ASSETS.items()},
        "connections": {
            name: f"/network/connections/?{query}" for name, query in CONNECTIONS.items()
        },
        "pages": PAGES,
    }
    found: dict[str, Any] = {}
    for group, urls in groups.items():
        found[group] = {name: of_url(client, url, rounds) for name, url in urls.items()}
    lists = found["assets"] | {f"c {name}": one for name, one in found["connections"].items()}
    found["worst_list_wall_ms"] = worst(lists, "wall_ms")
    found["worst_list_cpu_ms"] = worst(lists, "cpu_ms")
    found["worst_page_wall_ms"] = worst(found["pages"], "wall_ms")
    found["list_queries_max"] = worst(lists, "queries")
    return found


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--pipes", type=int, default=big_city.PIPES)
    options.add_argument("--fresh", action="store_true", help="import the city anew")
    options.add_argument("--dry", action="store_true", help="keep no result")
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui", "benchmarks/city_pages.py")
    big_city.open_home(chosen.pipes, fresh=chosen.fresh)
    found = {**facts, "pipes": chosen.pipes, **measure(chosen.rounds)}
    found |= {
        "bar_list_wall_ms": BAR_LIST_WALL_MS,
        "bar_list_cpu_ms": BAR_LIST_CPU_MS,
        "bar_page_ms": BAR_PAGE_MS,
    }
    found["passed"] = (
        found["worst_list_wall_ms"] <= BAR_LIST_WALL_MS
        and found["worst_list_cpu_ms"] <= BAR_LIST_CPU_MS
        and found["worst_page_wall_ms"] <= BAR_PAGE_MS
    )
    if not chosen.dry:
        machine.keep("city_pages", found)
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
