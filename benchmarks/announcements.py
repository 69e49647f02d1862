"""Time how long it takes to choose 100,000 recipients, to keep them, and to queue their messages.

    .venv/bin/python -m benchmarks.announcements [--people 100000] [--dry]

The accounts are those of `benchmarks.customers`. An announcement to everybody over WeChat and short
message is gathered and queued; then one over the drawn half of the town. Nothing is sent.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import machine

BAR_CHOOSE_S = 2.0
BAR_QUEUE_S = 30.0
HALF = ((117.0, 36.5), (117.1, 36.5), (117.1, 36.9), (117.0, 36.9))


def timed(do: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what came of it, with the seconds on the wall and of this process."""
    wall, own = time.perf_counter(), time.process_time()
    result = do()
    return result, round(time.perf_counter() - wall, 2), round(time.process_time() - own, 2)


def measure() -> dict[str, Any]:
    """Compose, choose, gather and queue."""
    from huoshui.areas.announcements import actions, audience, models
    from huoshui.areas.announcements.contracts import Kind, State, Way
    from huoshui.kernel import clock

    def draft(**chosen: Any) -> models.Announcement:
        said = actions.Composed(kind=Kind.TARIFF, title_zh="水价调整", text_zh="{name}您好")
        row = actions.compose(said, by_id=None)
        actions.choose_people(row.number, by_id=None, **chosen)
        return actions.choose_ways(row.number, [Way.WECHAT, Way.SMS], by_id=None)

    row = draft(everyone=True)
    chosen, choose_s, choose_cpu_s = timed(lambda: audience.gathered(row))
    half = draft(polygon=HALF)
    inside, area_s, area_cpu_s = timed(lambda: audience.gathered(half))
    counted, gather_s, gather_cpu_s = timed(lambda: actions.gather(row.number, by_id=None))
    models.Announcement.objects.filter(pk=row.pk).update(
        state=State.QUEUING, released_at=clock.now()
    )
    queued, queue_s, queue_cpu_s = timed(lambda: actions.queue(row.pk))
    return {
        "accounts": len(chosen),
        "people": counted.people,
        "choose_s": choose_s,
        "choose_cpu_s": choose_cpu_s,
        "in_the_area": len(inside),
        "area_s": area_s,
        "area_cpu_s": area_cpu_s,
        "gather_and_keep_s": gather_s,
        "gather_and_keep_cpu_s": gather_cpu_s,
        "messages_to_leave": queued,
        "rows_made": models.Delivery.objects.count(),
        "queue_s": queue_s,
        "queue_cpu_s": queue_cpu_s,
        "bars": {"choose_s": BAR_CHOOSE_S, "queue_s": BAR_QUEUE_S},
        "kept": choose_s <= BAR_CHOOSE_S and queue_s <= BAR_QUEUE_S,
    }


def main() -> int:
    """Run in a home of its own and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--dry", action="store_true", help="keep no result")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huoshui-announcements-") as folder:
        os.environ["HUOSHUI_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "huoshui.project.settings"
        from benchmarks import customers

        customers.prepare(asked.people)
        found = measure()
        size_mb = (Path(folder) / "huoshui.sqlite").stat().st_size / 1e6
    found["database_mb"] = round(size_mb)
    if asked.dry:
        print(found)
    else:
        facts = machine.facts("src/huoshui/areas/announcements", "src/huoshui/areas/customers")
        machine.keep("announcements", {**facts, **found})
    return 0 if found["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
