"""Time a list page of 200,000 rows as the browser gets it: any search, filter, order and page.

    .venv/bin/python -m benchmarks.lists [--rows 200000] [--rounds 10]

The rows are made from a seed. Each question is then asked for through Django's whole chain
(routing, session, permission, view, template) without a socket, as a whole page and as the part
that is fetched while one types. Wall time and the processor time of the process are measured, and
the queries counted.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import machine

BAR_WALL_MS = 300.0
BAR_CPU_MS = 20.0
ROADS = ("东风", "建设", "人民", "中山", "解放", "滨河", "花园", "学院", "工业", "长江")
QUESTIONS = {
    "first page": "",
    "page 3": "page=3",
    "page 200": "page=200",
    "backwards": "sort=-sort_code",
    "by diameter": "sort=diameter_mm",
    "by year, latest first": "sort=-laid_year",
    "one code": "q=P-104217",
    "part of a code": "q=1042",
    "a common word": "q=路",
    "two letters": "q=建设",
    "two words": "q=建设+1042",
    "three letters": "q=学院路",
    "one figure": "q=7",
    "nothing": "q=nowhere",
    "by kind": "kind=valve",
    "by zone": "zone=Z17",
    "kind and zone": "kind=pipe&zone=Z17",
    "kind, sorted by diameter": "kind=pipe&sort=-diameter_mm",
    "kind, zone, material and word": "kind=pipe&zone=Z17&material=PE&q=路",
    "word, sorted by year": "q=建设&sort=laid_year",
}


def made(rows: int) -> Iterator[Any]:
    """Yield the things of a city of so many rows; the same ones each time."""
    from benchmarks.things import KINDS, MATERIALS, Thing
    from huoshui.kernel.pages import kit

    dice = random.Random(20260301)
    for n in range(rows):
        kind = dice.choices(KINDS, weights=(60, 15, 5, 18, 1, 1))[0]
        code = f"{kind[0].upper()}-{n}"
        name = f"{dice.choice(ROADS)}路{dice.randint(1, 999)}号" if dice.random() < 0.7 else ""
        yield Thing(
            code=code,
            sort_code=kit.natural_key(code),
            name=name,
            kind=kind,
            material=dice.choice(MATERIALS),
            zone=f"Z{dice.randrange(200)}",
            diameter_mm=dice.choice((None, 100.0, 150.0, 200.0, 300.0, 600.0)),
            laid_year=dice.randint(1965, 2025),
        )


def prepare(rows: int) -> Any:
    """Make database, rows, index and a signed-in client; return the client."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import Client

    from benchmarks.things import INDEX, Thing
    from huoshui.kernel import clock, search
    from huoshui.kernel.accounts.models import Post, PostHolding, User

    settings.ROOT_URLCONF = "benchmarks.things"
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Thing)
    with transaction.atomic():
        Thing.objects.bulk_create(made(rows), batch_size=2000)
        search.ensure(INDEX)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    user = User.objects.create(username="bench", name="Bench", created_at=clock.now())
    post = Post.objects.get(code="viewer")
    PostHolding.objects.create(user=user, post=post, from_at=clock.now())
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(client: Any, query: str, *, fragment: bool) -> tuple[float, float]:
    """Return wall and processor time of one answer, in milliseconds."""
    headers = {"HX-Request": "true"} if fragment else {}
    wall, cpu = time.perf_counter(), time.process_time()
    answer = client.get(f"/things/?{query}", headers=headers)
    took = (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3
    if answer.status_code != 200:
        raise SystemExit(f"{query}: {answer.status_code}")
    return took


def queries_of(client: Any, query: str) -> int:
    """Return how many questions to the database a page costs."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as seen:
        asked(client, query, fragment=False)
    return len(seen)


def measure(client: Any, rounds: int) -> dict[str, Any]:
    """Ask every question so many times, and say what the slowest of them costs."""
    found: dict[str, Any] = {}
    for name, query in QUESTIONS.items():
        asked(client, query, fragment=False)
        whole = [asked(client, query, fragment=False) for _ in range(rounds)]
        part = [asked(client, query, fragment=True) for _ in range(rounds)]
        found[name] = {
            "query": query,
            "queries": queries_of(client, query),
            "page_wall_ms": _median(whole, 0),
            "page_cpu_ms": _median(whole, 1),
            "part_wall_ms": _median(part, 0),
            "part_cpu_ms": _median(part, 1),
        }
        print(f"{name:32} {found[name]}", flush=True)
    wall = max(one["page_wall_ms"] for one in found.values())
    cpu = max(one["page_cpu_ms"] for one in found.values())
    return {
        "questions": found,
        "worst_page_wall_ms": wall,
        "worst_page_cpu_ms": cpu,
        "worst_part_cpu_ms": max(one["part_cpu_ms"] for one in found.values()),
        "queries_max": max(one["queries"] for one in found.values()),
        "bar_wall_ms": BAR_WALL_MS,
        "bar_cpu_ms": BAR_CPU_MS,
        "passed": wall <= BAR_WALL_MS and cpu <= BAR_CPU_MS,
    }


def _median(times: list[tuple[float, float]], place: int) -> float:
    return round(statistics.median(one[place] for one in times), 2)


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--dry", action="store_true", help="keep no result")
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui/kernel/pages", "src/huoshui/kernel/search")
    with tempfile.TemporaryDirectory(prefix="huoshui-lists-") as home:
        os.environ["HUOSHUI_HOME"] = str(Path(home))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
        # Django's test client speaks to a host of this name.
        os.environ["HUOSHUI_ALLOWED_HOSTS"] = "testserver"
        client = prepare(chosen.rows)
        found = {**facts, "rows": chosen.rows, **measure(client, chosen.rounds)}
    if not chosen.dry:
        machine.keep("lists", found)
    print("worst:", found["worst_page_wall_ms"], "ms wall,", found["worst_page_cpu_ms"], "ms CPU")
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
