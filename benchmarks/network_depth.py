"""Time the checks and traces of a city of 200,000 pipes.

    .venv/bin/python -m benchmarks.network_depth [--pipes 200000]

A city of streets in a grid is written into a database of its own: pipes of 100 m, a valve at every
tenth crossing, four sources, and some mistakes of every kind. Then every check runs as the night's
schedule runs it, and each kind of trace is asked from a pipe in the middle.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks import machine

STEP_DEG = 0.001
LON, LAT = 113.0, 34.0
ROWS_AT_ONCE = 1000


def build(pipes: int) -> str:
    """Write the city into the register; return the code of a pipe in its middle."""
    import numpy as np

    from huoshui.areas.network.models import Asset

    side = int((pipes / 2) ** 0.5)
    nodes = [
        Asset(
            code=f"n{row * side + column}",
            kind="reservoir" if row in (0, side - 1) and column in (0, side - 1) else "junction",
            lon=LON + column * STEP_DEG,
            lat=LAT + row * STEP_DEG,
            elevation_m=10.0,
        )
        for row in range(side)
        for column in range(side)
    ]
    Asset.objects.bulk_create(nodes, batch_size=ROWS_AT_ONCE)
    ids = np.array([node.id for node in nodes]).reshape(side, side)
    links = []
    for row in range(side):
        for column in range(side):
            for down, right in ((1, 0), (0, 1)):
                if row + down < side and column + right < side:
                    links.append(_link(len(links), ids, row, column, row + down, column + right))
    Asset.objects.bulk_create(links, batch_size=ROWS_AT_ONCE)
    return f"p{len(links) // 2 + 1}"


def _link(number: int, ids: Any, row: int, column: int, to_row: int, to_column: int) -> Any:
    from huoshui.areas.network.models import Asset

    is_valve = number % 10 == 0
    line = [
        [LON + column * STEP_DEG, LAT + row * STEP_DEG],
        [LON + to_column * STEP_DEG, LAT + to_row * STEP_DEG],
    ]
    return Asset(
        code=f"{'v' if is_valve else 'p'}{number}",
        kind="valve" if is_valve else "pipe",
        start_id=int(ids[row, column]),
        end_id=int(ids[to_row, to_column]),
        line=line,
        lon=(line[0][0] + line[1][0]) / 2,
        lat=(line[0][1] + line[1][1]) / 2,
        # One in a thousand is stated much longer, one in a thousand has no diameter.
        length_m=None if is_valve else (900.0 if number % 1000 == 1 else 100.0),
        diameter_mm=None if number % 1000 == 3 else 200.0,
    )


def timed(deed: Callable[[], Any]) -> tuple[float, Any]:
    """Return how many seconds a deed takes, and what it returns."""
    began = time.perf_counter()
    found = deed()
    return round(time.perf_counter() - began, 2), found


def measure(pipes: int) -> dict[str, Any]:
    """Return the seconds of building, of all checks, and of each trace."""
    import django

    django.setup()
    from django.core.management import call_command

    from huoshui.areas.network import actions, contracts, facade
    from huoshui.areas.network.models import Asset

    call_command("migrate", verbosity=0)
    build_s, middle = timed(lambda: build(pipes))
    first_s, findings = timed(lambda: actions.run_checks(by_id=None))
    again_s, _ = timed(lambda: actions.run_checks(by_id=None))
    traces: dict[str, float] = {}
    for direction in contracts.TraceDirection:
        traces[f"trace_{direction}_s"], found = timed(
            lambda direction=direction: facade.trace(middle, direction)
        )
        if found is None:
            raise SystemExit(f"no asset {middle}")
    return {
        "links": Asset.objects.links().count(),
        "nodes": Asset.objects.nodes().count(),
        "build_s": build_s,
        "checks_s": first_s,
        "checks_again_s": again_s,
        "findings": findings,
        **traces,
        "bar_checks_s": 20,
        "passed": first_s < 20,
    }


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pipes", type=int, default=200_000)
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui/areas/network", "src/huoshui/lab/graph")
    with tempfile.TemporaryDirectory(prefix="huoshui-network-") as home:
        os.environ["HUOSHUI_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
        found = {**facts, **measure(chosen.pipes)}
    machine.keep("network_depth", found)
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
