"""Time what an announcement to 100,000 people costs: choosing, previewing, queuing, sending.

    .venv/bin/python -m benchmarks.announcements [--people 100000] [--home FOLDER] [--dry]

The accounts are those of `benchmarks.customers`. An announcement to everybody over short message is
gathered, previewed, handed in, released by a second person and queued; then a gateway on this
computer, which checks every signature as a real one does, takes messages for half a minute while
the progress is looked at. One over the drawn half of the town, and one to all its estates by name,
are gathered too. With ``--home`` a database made by an earlier run is used again.
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
# Composed and previewed: what somebody waits for between choosing the people and reading the page.
BAR_GATHER_S = 15.0
BAR_QUEUE_S = 30.0
BAR_PAGE_S = 1.0
BAR_PER_SECOND = 100.0
DRAIN_S = 30.0
HALF = ((117.0, 36.5), (117.1, 36.5), (117.1, 36.9), (117.0, 36.9))


def timed(do: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what came of it, with the seconds on the wall and of this process."""
    wall, own = time.perf_counter(), time.process_time()
    result = do()
    return result, round(time.perf_counter() - wall, 2), round(time.process_time() - own, 2)


def set_up(gateway: str) -> tuple[Any, Any]:
    """Set the short messages up to the gateway; return the two people who hand in and release."""
    from huoshui.areas.announcements.tests.conftest import set_up_sms
    from huoshui.kernel.accounts import actions as accounts
    from huoshui.kernel.accounts.models import User

    set_up_sms(gateway, parallel=16)
    people = []
    for name in ("mei", "lin"):
        known = User.objects.filter(username=name).first()
        people.append(known or accounts.add_user(name, name.title(), posts=("service_manager",))[0])
    return people[0], people[1]


def measure(gateway: str) -> dict[str, Any]:
    """Compose, choose, gather, preview, release, queue and send."""
    from django.test import Client
    from django.urls import reverse

    from huoshui.areas.announcements import actions, audience, models, outbox
    from huoshui.areas.announcements.contracts import DeliveryState, Kind, Way
    from huoshui.areas.customers import facade as customers

    mei, lin = set_up(gateway)
    browser = Client()
    browser.force_login(mei)

    def draft(**chosen: Any) -> models.Announcement:
        said = actions.Composed(
            kind=Kind.TARIFF, title_zh="水价调整", text_zh="{name}您好", is_urgent=True
        )
        row = actions.compose(said, by_id=mei.pk)
        actions.choose_people(row.number, by_id=mei.pk, **chosen)
        return actions.choose_ways(row.number, [Way.SMS], by_id=mei.pk)

    def page(number: str) -> float:
        address = reverse("announcements:announcement", args=[number])
        answer, wall_s, _own_s = timed(lambda: browser.get(address))
        assert answer.status_code == 200, answer.status_code
        return wall_s

    row = draft(everyone=True)
    chosen, choose_s, choose_cpu_s = timed(lambda: audience.gathered(row))
    half = draft(polygon=HALF)
    inside, area_s, area_cpu_s = timed(lambda: audience.gathered(half))
    named = draft(estates=[one.code for one in customers.estates()])
    by_name, estates_s, estates_cpu_s = timed(lambda: audience.gathered(named))
    counted, gather_s, gather_cpu_s = timed(lambda: actions.gather(row.number, by_id=mei.pk))
    page(row.number)
    preview_s = page(row.number)
    actions.submit(row.number, by_id=mei.pk)
    actions.release(row.number, by_id=lin.pk)
    queued, queue_s, queue_cpu_s = timed(lambda: actions.queue(row.pk))
    sent, drain_s, drain_cpu_s = timed(lambda: outbox.send_slice(seconds=DRAIN_S))
    progress_s = page(row.number)
    browser.get(reverse("announcements:messages"), {"announcement": row.number})
    _list, list_s, _own_s = timed(
        lambda: browser.get(reverse("announcements:messages"), {"announcement": row.number})
    )
    gone = models.Delivery.objects.filter(announcement=row, state=DeliveryState.SENT).count()
    assert gone == sent, (gone, sent)
    per_second = round(sent / drain_s, 1)
    bars = {
        "choose_s": BAR_CHOOSE_S,
        "gather_and_keep_s": BAR_GATHER_S,
        "preview_s": BAR_PAGE_S,
        "queue_s": BAR_QUEUE_S,
        "progress_s": BAR_PAGE_S,
        "sent_per_second": BAR_PER_SECOND,
    }
    return {
        "accounts": len(chosen),
        "people": counted.people,
        "choose_s": choose_s,
        "choose_cpu_s": choose_cpu_s,
        "in_the_area": len(inside),
        "area_s": area_s,
        "area_cpu_s": area_cpu_s,
        "of_all_estates": len(by_name),
        "estates_s": estates_s,
        "estates_cpu_s": estates_cpu_s,
        "gather_and_keep_s": gather_s,
        "gather_and_keep_cpu_s": gather_cpu_s,
        "preview_s": preview_s,
        "messages_to_leave": queued,
        "queue_s": queue_s,
        "queue_cpu_s": queue_cpu_s,
        "sent": sent,
        "sent_per_second": per_second,
        "send_cpu_s": drain_cpu_s,
        "progress_s": progress_s,
        "list_s": list_s,
        "bars": bars,
        "kept": (
            choose_s <= BAR_CHOOSE_S
            and gather_s <= BAR_GATHER_S
            and preview_s <= BAR_PAGE_S
            and queue_s <= BAR_QUEUE_S
            and progress_s <= BAR_PAGE_S
            and per_second >= BAR_PER_SECOND
        ),
    }


def run(folder: str, people: int) -> dict[str, Any]:
    """Make the town in a folder, unless it is there already, and measure."""
    os.environ["HUOSHUI_HOME"] = folder
    os.environ["HUOSHUI_MESSAGE_HOSTS"] = "127.0.0.1"
    os.environ["HUOSHUI_ALLOWED_HOSTS"] = "testserver,localhost"
    os.environ["DJANGO_SETTINGS_MODULE"] = "huoshui.project.settings"
    from benchmarks import customers

    if (Path(folder) / "huoshui.sqlite").exists():
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
    else:
        customers.prepare(people)
    from huoshui.areas.announcements.tests import standin

    with standin.running() as gateway:
        found = measure(gateway.address)
        assert gateway.refused_signatures == 0
        assert len(gateway.taken) == found["sent"], "a message went out twice, or none did"
    found["database_mb"] = round((Path(folder) / "huoshui.sqlite").stat().st_size / 1e6)
    return found


def main() -> int:
    """Run in a home of its own and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--home", default="", help="where the town lies, or is made and kept")
    parser.add_argument("--dry", action="store_true", help="keep no result")
    asked = parser.parse_args()
    if asked.home:
        Path(asked.home).mkdir(parents=True, exist_ok=True)
        found = run(asked.home, asked.people)
    else:
        with tempfile.TemporaryDirectory(prefix="huoshui-announcements-") as folder:
            found = run(folder, asked.people)
    if asked.dry:
        print(found)
    else:
        facts = machine.facts("src/huoshui/areas/announcements", "src/huoshui/areas/customers")
        machine.keep("announcements", {**facts, **found})
    return 0 if found["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
