"""Imports of tables: time and the largest memory, each in a process of its own.

    .venv/bin/python -m benchmarks.imports [--gigabytes 1] [--customers 100000] [--pipes 200000]

*readings*: a long CSV of 200 points, checked and handed in.  *rubbish*: as many bytes of text that
is no table.  *bomb*: a workbook of 1 MB that unpacks into a gigabyte.  *customers*: places at
random in a city of pipes, joined to the nearest one and written, in a database of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine

POINTS = 200
CITY = (113.0, 23.0)
CITY_DEG = 0.3


def write_readings(path: Path, size: int) -> int:
    """Write a long table of about ``size`` bytes; return its rows."""
    rng = np.random.default_rng(1)
    at, step, rows = np.datetime64("2021-01-01T00:00:00"), np.timedelta64(15, "m"), 0
    with path.open("w", encoding="utf-8") as out:
        out.write("point,time,value,unit\n")
        while out.tell() < size:
            stamp = str(at).replace("T", " ")
            out.write(
                "".join(
                    f"ZONE{n:04d}.flow,{stamp},{value:.3f},L/s\n"
                    for n, value in enumerate(rng.normal(30, 3, POINTS))
                )
            )
            at, rows = at + step, rows + POINTS
    return rows


def write_rubbish(path: Path, size: int) -> int:
    """Write text that looks like no table, with broken lines and quotation marks."""
    rng = np.random.default_rng(2)
    signs = np.frombuffer(bytes(range(32, 127)) + b'\n"",;\t', np.uint8)
    with path.open("wb") as out:
        while out.tell() < size:
            out.write(signs[rng.integers(0, len(signs), 4_000_000)].tobytes())
    return size


def write_bomb(path: Path) -> int:
    """Write a workbook whose only sheet is a gigabyte of blanks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(1_000):
                sheet.write(b" " * 1_000_000)
    return path.stat().st_size


def write_city(path: Path, customers: int, pipes: int) -> int:
    """Fill the register with a grid of short pipes, and write customers beside them."""
    from huoshui.areas.network.models import Asset

    rng = np.random.default_rng(3)
    corner = np.array(CITY)
    ends = [Asset(code=f"n{n}", kind="junction", lon=CITY[0], lat=CITY[1]) for n in range(2)]
    Asset.objects.bulk_create(ends)
    start = corner + rng.random((pipes, 2)) * CITY_DEG
    lines = np.stack([start, start + rng.normal(0, 0.0005, (pipes, 2))], axis=1).round(7)
    for first in range(0, pipes, 5_000):
        Asset.objects.bulk_create(
            Asset(code=f"p{n}", kind="pipe", start=ends[0], end=ends[1], line=lines[n].tolist())
            for n in range(first, min(first + 5_000, pipes))
        )
    places = corner + rng.random((customers, 2)) * CITY_DEG
    with path.open("w", encoding="utf-8") as out:
        out.write("code,address,lon,lat,annual_use_m3\n")
        for n, (lon, lat) in enumerate(places):
            out.write(f"C{n},Road {n % 977} No {n},{lon:.7f},{lat:.7f},{n % 400}\n")
    return customers


def bring(what: str, path: Path) -> dict[str, Any]:
    """Import one file in this process and say how long it took and how much memory."""
    import django

    django.setup()
    from huoshui.kernel.intake import kinds

    kind = "customers" if what == "customers" else "readings"
    options = {"declare": "yes", "time_zone": "Asia/Shanghai"} if kind == "readings" else {}
    started = time.perf_counter()
    outcome = kinds.KINDS[kind].carry_out(path, path.name, options, None)
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "created": outcome.created,
        "problems": outcome.problems.total,
        "refused": outcome.problems.fatal,
    }


def measure(what: str, path: Path, folder: Path) -> dict[str, Any]:
    """Import in a fresh process of a home of its own."""
    again = [sys.executable, "-m", "benchmarks.imports", "--bring", what, "--file", str(path)]
    environment = {**os.environ, "HUOSHUI_HOME": str(folder / "home")}
    run = subprocess.run(
        again, check=True, capture_output=True, text=True, cwd=machine.ROOT, env=environment
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Write the files, import each, and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--gigabytes", type=float, default=1.0)
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--pipes", type=int, default=200_000)
    options.add_argument("--bring")
    options.add_argument("--file", type=Path)
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    if chosen.bring:
        sys.stdout.write(json.dumps(bring(chosen.bring, chosen.file)) + "\n")
        return
    found: dict[str, Any] = machine.facts("src/huoshui", "benchmarks/imports.py")
    size = int(chosen.gigabytes * 1e9)
    with tempfile.TemporaryDirectory(prefix="huoshui-imports-") as made:
        folder = Path(made)
        os.environ["HUOSHUI_HOME"] = str(folder / "home")
        import django
        from django.core.management import call_command

        django.setup()
        (folder / "home").mkdir()
        call_command("migrate", verbosity=0)
        writers = {
            "readings": lambda path: write_readings(path, size),
            "rubbish": lambda path: write_rubbish(path, size),
            "bomb": write_bomb,
            "customers": lambda path: write_city(path, chosen.customers, chosen.pipes),
        }
        for what, write in writers.items():
            path = folder / f"{what}{'.xlsx' if what == 'bomb' else '.csv'}"
            amount = write(path)
            said = {"rows_or_bytes": amount, "file_mb": path.stat().st_size // 1_000_000}
            found[what] = said | measure(what, path, folder)
            path.unlink()
        found["pipes"] = chosen.pipes
    machine.keep("imports", found)


if __name__ == "__main__":
    main()
