"""Time the import of a city of 200,000 pipes, and how soon map and list are there.

    .venv/bin/python -m benchmarks.import_network [--pipes 200000] [--format gpkg]
    .venv/bin/python -m benchmarks.import_network --write FOLDER    only writes the city's files

The city is made from a seed (`huoshui.democity.worlds.big`) and written as a survey office or a
modeller would; that is not timed. Timed is what a person waits for: reading, checking, comparing
with the register and writing, into a database of its own, in one process with its child; then the
customers, each joined to the nearest pipe. Then the first tile, which builds the index of the map,
the next tiles, and the first page of the list.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import machine

BAR_S = 60.0


def write_city(folder: Path, form: str, pipes: int) -> Path:
    """Write the city's file."""
    from huoshui.democity.worlds import big

    path = folder / f"big.{form}"
    city = big.build(pipes)
    (big.write_gpkg if form == "gpkg" else big.write_inp)(city, path)
    return path


def bring_in(path: Path) -> dict[str, Any]:
    """Import the file; return seconds of each step."""
    from huoshui.areas.network.actions import importing
    from huoshui.areas.network.importing.coordinates import Placement
    from huoshui.areas.network.importing.source import Options
    from huoshui.democity.worlds import big

    steps: dict[str, float] = {}
    began = time.perf_counter()

    def tell(step: str, done: int, total: int) -> None:
        steps.setdefault(step, time.perf_counter() - began)

    options = Options(placement=Placement(crs=big.CRS))
    found = importing.check_network(path, file_name=path.name, options=options, tell=tell)
    report = importing.apply_network(found, by_id=None, only_good=False, tell=tell)
    whole = time.perf_counter() - began
    if not report.ok:
        raise SystemExit(f"the city was not imported: {report.problems[:5]}")
    return {
        "assets": report.created,
        "nodes": report.nodes,
        "links": report.links,
        "import_s": round(whole, 2),
        "of_it_reading_s": round(steps["compare"], 2),
        "of_it_comparing_s": round(steps["write"] - steps["compare"], 2),
        "of_it_writing_s": round(whole - steps["write"], 2),
    }


def bring_in_customers(folder: Path, pipes: int) -> dict[str, Any]:
    """Import a customer beside every second pipe, each joined to the nearest; return seconds."""
    from huoshui.democity.worlds import big
    from huoshui.kernel.intake import kinds

    path = folder / "customers.csv"
    big.write_customers(big.build(pipes), path)
    began = time.perf_counter()
    outcome = kinds.KINDS["customers"].carry_out(path, path.name, {}, None)
    took = time.perf_counter() - began
    if outcome.problems.fatal:
        raise SystemExit(f"customers were refused: {outcome.problems.fatal}")
    return {"customers": outcome.created, "customers_s": round(took, 2)}


def again(path: Path) -> dict[str, Any]:
    """Check the same file once more: nothing may differ."""
    from huoshui.areas.network.actions import importing
    from huoshui.areas.network.importing.coordinates import Placement
    from huoshui.areas.network.importing.source import Options
    from huoshui.democity.worlds import big

    began = time.perf_counter()
    options = Options(placement=Placement(crs=big.CRS))
    found = importing.check_network(path, file_name=path.name, options=options)
    took = time.perf_counter() - began
    differences = len(found.plan.new) + len(found.plan.changed)
    return {"second_check_s": round(took, 2), "second_check_differences": differences}


def look() -> dict[str, Any]:
    """Ask for the first tile, more tiles and the list, as a browser would."""
    import numpy as np
    from django.test import Client

    from huoshui.areas.network import geo, queries
    from huoshui.kernel import clock
    from huoshui.kernel.accounts.models import Post, PostHolding, User

    user = User.objects.create(username="bench", name="Bench", created_at=clock.now())
    post = Post.objects.get(code="manager")
    PostHolding.objects.create(user=user, post=post, from_at=clock.now())
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    west, south, east, north = queries.bounds() or (0.0, 0.0, 0.0, 0.0)
    middle = geo.mercator(np.array([[(west + east) / 2, (south + north) / 2]]))[0]

    def seconds(url: str) -> float:
        began = time.perf_counter()
        answer = client.get(url)
        if answer.status_code != 200:
            raise SystemExit(f"{url}: {answer.status_code}")
        return time.perf_counter() - began

    def tile(zoom: int, right: int) -> str:
        x, y = (middle * (1 << zoom)).astype(int).tolist()
        return f"/tiles/network/{zoom}/{x + right}/{y}.mvt"

    first = seconds(tile(14, 0))
    others = [seconds(tile(zoom, right)) for zoom in (12, 14, 16) for right in (1, 2, 3)]
    listed = [seconds("/network/assets/") for _ in range(3)]
    return {
        "first_tile_s": round(first, 3),
        "next_tiles_s_median": round(statistics.median(others), 3),
        "list_first_s": round(listed[0], 3),
        "list_s_median": round(statistics.median(listed), 3),
    }


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pipes", type=int, default=200_000)
    options.add_argument("--format", choices=("gpkg", "inp"), default="gpkg")
    options.add_argument("--write", type=Path, metavar="FOLDER")
    chosen = options.parse_args()
    if chosen.write:
        from huoshui.democity.worlds import big

        big.write_all(chosen.write, chosen.pipes)
        return 0
    facts = machine.facts("src/huoshui/areas/network")
    with tempfile.TemporaryDirectory(prefix="huoshui-big-") as home:
        os.environ["HUOSHUI_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
        # Django's test client speaks to a host of this name.
        os.environ["HUOSHUI_ALLOWED_HOSTS"] = "testserver"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        path = write_city(Path(home), chosen.format, chosen.pipes)
        found = {
            **facts,
            "format": chosen.format,
            "file_mb": round(path.stat().st_size / 1e6, 1),
            **bring_in(path),
            **bring_in_customers(Path(home), chosen.pipes),
            **look(),
            **again(path),
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "bar_s": BAR_S,
        }
    found["whole_s"] = round(found["import_s"] + found["customers_s"], 2)
    found["passed"] = found["whole_s"] < BAR_S and not found["second_check_differences"]
    machine.keep(f"import_network_{chosen.format}", found)
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
