"""A shift without signal: 60 jobs, 300 photos, 200 random interruptions; nothing lost or doubled.

A real Chromium carries the app with a profile on disk. Everything is written down with the line
cut, while pages are loaded anew and the browser is killed; then it is sent over a line that breaks
after a random number of bytes, is left in the middle of an upload, or loses its battery. What the
phone said it keeps is counted against what the server has, entry by entry and photo by photo.

    python -m benchmarks.offline_shift [--jobs 60] [--photos 5] [--interruptions 200] [--seed 1]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks import machine
from tests.journeys import browser, shift
from tests.journeys.crew import Carrier, picture

STEPS_OF_A_JOB = ("accept", "arrive", "step", "note", "finish")
# Of the interruptions, how many fall into the hours of writing down.
SHARE_WHILE_WRITING = 0.3
BATTERY_SHARE = 0.12
PAGE_SHARE = 0.25


def say(words: str) -> None:
    """Tell whoever waits how far it has come."""
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


class Bench:
    """One phone, one line, and the dice."""

    def __init__(self, phone: Carrier, town: shift.Shift, seed: int) -> None:
        self.phone, self.town = phone, town
        self.dice = random.Random(seed)
        self.interruptions: Counter[str] = Counter()
        self.signed_in_again = 0

    def interrupt(self, where: str) -> None:
        """Load the page anew, or kill the browser and start it again, right after a deed."""
        if self.dice.random() < BATTERY_SHARE:
            self.phone.kill()
            self.phone.switch_on()
            self.interruptions["battery"] += 1
        else:
            self.phone.page.reload()
            self.interruptions["page"] += 1
        self.phone.open(where)

    def write_down(self, numbers: list[str], photos: int, interruptions: int) -> None:
        """Do every job without signal; whatever the phone says it keeps, counts."""
        moments = set(self.dice.sample(range(len(numbers) * 3), interruptions))
        seed = 0
        for at, number in enumerate(numbers):
            where = f"#/job/{number}"
            self.phone.open_job(number)
            self.phone.begin()
            if at * 3 in moments:
                self.interrupt(where)
            done = self.interruptions.total()
            say(f"writing job {at + 1} of {len(numbers)}, {done} interruptions")
            self.phone.page.locator("[data-step]").first.click()
            self.phone.page.locator('[data-step][aria-checked="true"]').wait_for()
            self._photograph([picture(seed + one, 1000, 750) for one in range(photos)])
            seed += photos
            if at * 3 + 1 in moments:
                self.interrupt(where)
            self.phone.note(f"Pit {number}")
            if at * 3 + 2 in moments:
                self.interrupt(where)
            self.phone.finish()

    def _photograph(self, contents: list[bytes]) -> None:
        self.phone.tap("photo")
        given = [
            {"name": f"{at}.jpg", "mimeType": "image/jpeg", "buffer": content}
            for at, content in enumerate(contents)
        ]
        self.phone.page.set_input_files("[data-shows=damage]", given)
        self.phone.page.locator('.ph-sheet[data-sheet="photo"]').wait_for(state="detached")

    def send(self, interruptions: int) -> None:
        """Send everything over a line that breaks so often."""
        line = self.phone.line
        self.phone.open("#/sent")
        for left in range(interruptions, 0, -1):
            self._sign_in_again()
            budget = self._bytes_left() / left
            upward = int(budget * self.dice.uniform(0.3, 1.6)) + self.dice.randint(1, 4000)
            line.cut_after(upward)
            with suppress(Exception):
                self.phone.page.locator('[data-deed="send"]').click(timeout=5000)
            how = self.dice.random()
            if how < BATTERY_SHARE + PAGE_SHARE:
                time.sleep(self.dice.uniform(0.0, 1.5))
                self.interrupt("#/sent")
                line.cut()
            else:
                deadline = time.monotonic() + 20
                while line.is_whole and time.monotonic() < deadline and self.phone.waiting():
                    time.sleep(0.05)
                line.cut()
                self.interruptions["line"] += 1
            line.mend()
            say(f"sending, {self.interruptions.total()} interruptions, {self.phone.waiting()} wait")
        self.phone.wait_until_sent(within_s=600)

    def _sign_in_again(self) -> None:
        """A browser writes its cookies half a minute late; a battery may have been faster."""
        if self.phone.page.locator('.ph-bar[data-line="signed_out"]').count():
            self.phone.sign_in()
            self.phone.open("#/sent")
            self.signed_in_again += 1

    def _bytes_left(self) -> float:
        """Return how many bytes of photos the server still lacks, as far as it knows of them."""
        rows = self.town.rows(
            "select payload from fieldwork_phoneentry where kind = 'photo' and photo_hash not in"
            " (select content_hash from fieldwork_phonephoto)"
        )
        known = sum(json.loads(payload)["body"]["size"] for (payload,) in rows)
        return max(known, 200_000.0)


def differences(town: shift.Shift, numbers: list[str], photos: int) -> dict[str, Any]:
    """Return everything that is not exactly as it was written down; empty is what we want."""
    found: dict[str, Any] = {}
    wanted = Counter(dict.fromkeys(STEPS_OF_A_JOB, 1) | {"photo": photos})
    for number in numbers:
        rows = town.rows(
            "select e.kind from fieldwork_phoneentry e join fieldwork_job j on j.id = e.job_id"
            " where j.number = ? and e.outcome = 'taken'",
            number,
        )
        had = Counter(kind for (kind,) in rows)
        if had != wanted:
            found[number] = {"lost": dict(wanted - had), "doubled": dict(had - wanted)}
    entries = len(numbers) * (len(STEPS_OF_A_JOB) + photos)
    total = len(numbers) * photos
    counts = {
        "entries": (town.count("fieldwork_phoneentry"), entries),
        "photos": (town.count("fieldwork_phonephoto"), total),
        "photos_in_reports": (town.count("fieldwork_jobphoto"), total),
        "reports": (town.count("fieldwork_jobreport"), len(numbers)),
        "jobs_done": (town.count("fieldwork_job", "state = 'done'"), len(numbers)),
        "hashes": (
            int(town.rows("select count(distinct content_hash) from fieldwork_phonephoto")[0][0]),
            total,
        ),
        "intact_files": (_intact(town), total),
    }
    found |= {name: pair for name, pair in counts.items() if pair[0] != pair[1]}
    return found


def _intact(town: shift.Shift) -> int:
    """Count the photos whose kept copy lies on disk under the hash of its own content."""
    rows = town.rows(
        "select f.content_hash from fieldwork_phonephoto p join files_storedfile f"
        " on f.id = p.file_id"
    )
    whole = 0
    for (content_hash,) in rows:
        path = town.home / "files" / content_hash[:2] / content_hash
        whole += path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == content_hash
    return whole


def measure(options: argparse.Namespace, folder: Path, chromium: Any) -> dict[str, Any]:
    """Run one shift and return what was found."""
    with shift.running(folder / "home", jobs=options.jobs) as town:
        rows = town.rows("select number from fieldwork_job order by id")
        numbers = [number for (number,) in rows]
        phone = Carrier(chromium, town.new_line(), profile=folder / "profile")
        phone.sign_in()
        phone.line.cut()
        bench = Bench(phone, town, options.seed)
        while_writing = int(options.interruptions * SHARE_WHILE_WRITING)
        began = time.monotonic()
        bench.write_down(numbers, options.photos, while_writing)
        wrote_s = time.monotonic() - began
        waited = phone.waiting()
        phone.line.up_bytes = 0
        began = time.monotonic()
        bench.send(options.interruptions - while_writing)
        sent_s = time.monotonic() - began
        agreed = phone.count_the_day()
        photo_bytes = int(
            town.rows("select coalesce(sum(size_bytes), 0) from fieldwork_phonephoto")[0][0]
        )
        sent_bytes = phone.line.up_bytes
        phone.leave()
        return {
            "jobs": options.jobs,
            "photos": options.jobs * options.photos,
            "interruptions": dict(bench.interruptions),
            "interruptions_total": bench.interruptions.total(),
            "signed_in_again": bench.signed_in_again,
            "waiting_before_sending": waited,
            "differences": differences(town, numbers, options.photos),
            "both_sides_agree": agreed == "true",
            "written_down_s": round(wrote_s, 1),
            "sent_s": round(sent_s, 1),
            "photo_megabytes": round(photo_bytes / 1e6, 1),
            "sent_upward_megabytes": round(sent_bytes / 1e6, 1),
            "seed": options.seed,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description="A shift without signal, often interrupted.")
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--photos", type=int, default=5, help="for each job")
    parser.add_argument("--interruptions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--try-out", action="store_true", help="print and keep nothing")
    options = parser.parse_args()
    path = browser.find()
    if path is None:
        print(browser.HOW, file=sys.stderr)
        return 2
    facts = machine.facts("src", "benchmarks/offline_shift.py", "tests/journeys")
    with tempfile.TemporaryDirectory() as folder, browser.started(path) as chromium:
        found = measure(options, Path(folder), chromium)
    bar = {"differences": {}, "both_sides_agree": True}
    result = {"about": facts, "bar": bar, "found": found}
    if options.try_out:
        print(json.dumps(result, indent=2))
    else:
        machine.keep("offline_shift", result)
    good = not found["differences"] and found["both_sides_agree"]
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
