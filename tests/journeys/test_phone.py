"""The app of a crew in a real browser: no signal, no battery, no room, a wrong clock, two people.

Goal: whatever happens to a phone in the street, what was written down reaches the office once. The
line is cut below the browser, so that its service worker has no network either.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys import shift
from tests.journeys.crew import Carrier, picture

JOBS = 8


@pytest.fixture(scope="module")
def town(chromium, tmp_path_factory):
    with shift.running(tmp_path_factory.mktemp("shift"), jobs=JOBS) as running:
        yield running


@pytest.fixture(scope="module")
def numbers(town):
    return [row[0] for row in town.rows("select number from fieldwork_job order by id")]


@pytest.fixture
def carrier(chromium, town):
    """Make phones that are closed, and looked through for faults, at the end."""
    made = []

    def make(*args, **chosen):
        made.append(Carrier(chromium, town.new_line(), *args, **chosen))
        made[-1].sign_in()
        return made[-1]

    yield make
    for one in made:
        one.leave()


def entries_of(town, number):
    """Return kind, outcome and code of what the server has for a job, in the phone's order."""
    return town.rows(
        "select e.kind, e.outcome, e.code from fieldwork_phoneentry e join fieldwork_job j"
        " on j.id = e.job_id where j.number = ? order by e.number_on_phone",
        number,
    )


def test_a_shift_without_signal_reaches_the_office_whole(town, numbers, carrier):
    chen = carrier()
    # The tiles of the day come after the jobs, behind the screen.
    chen.open("#/map")
    chen.page.locator(".ph-map[data-ready]").wait_for()
    time.sleep(3)
    chen.line.cut()

    chen.open()
    chen.page.reload()
    chen.page.locator("[data-job]").first.wait_for()
    assert chen.page.locator("[data-job]").count() == JOBS
    chen.open("#/map")
    chen.page.locator(".ph-map[data-ready]").wait_for()
    assert int(chen.page.locator(".ph-map").get_attribute("data-ready")) > 0

    for at, number in enumerate(numbers[:2]):
        chen.open_job(number)
        chen.begin()
        chen.page.locator("[data-step]").first.click()
        chen.exchange_meter(f"M{at}", f"N{at}")
        chen.photograph(picture(at))
        chen.note("Wet to the knees.")
        chen.sign("王" * (at + 1))
        chen.finish(note="Dry again.")
    chen.page.reload()
    chen.open("#/sent")
    chen.page.locator(".ph-bar[data-line=away]").wait_for()
    assert chen.waiting() == 2 * 8 + 2 * 2  # eight deeds a job, of which two have a picture
    assert not entries_of(town, numbers[0])

    chen.line.mend()
    chen.wait_until_sent()

    kinds = ["accept", "arrive", "step", "meter", "photo", "note", "signature", "finish"]
    for number in numbers[:2]:
        # This town has no register of meters: the exchange is kept, and the crew is told.
        codes = {"meter": "fieldwork.unknown_meter"}
        assert entries_of(town, number) == [(one, "taken", codes.get(one, "")) for one in kinds]
    assert chen.count_the_day() == "true"
    agreed = town.rows("select entries, photos from fieldwork_phonereckoning")
    assert agreed == [(16, 4)]
    states = town.rows("select state from fieldwork_job where number in (?, ?)", *numbers[:2])
    assert states == [("done",), ("done",)]


def test_an_app_killed_half_way_in_an_upload_goes_on_where_it_was(
    chromium, town, numbers, tmp_path
):
    line = town.new_line()
    chen = Carrier(chromium, line, profile=tmp_path / "profile")
    chen.sign_in()
    chen.open_job(numbers[2])
    before = town.count("fieldwork_phonephoto")
    line.cut()
    chen.photograph(picture(77))
    line.cut_after(300_000)
    chen.open("#/sent")
    chen.tap("send")
    parts = town.home / "phone"
    deadline = time.monotonic() + 60
    while line.is_whole and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not line.is_whole, "the line was to break in the middle of the picture"
    half = [path.stat().st_size for path in parts.glob("*.part")]
    assert len(half) == 1
    assert half[0] > 0

    chen.kill()
    line.mend()
    chen.switch_on()
    chen.open("#/sent")
    chen.wait_until_sent()

    assert entries_of(town, numbers[2]) == [("photo", "taken", "")]
    assert town.count("fieldwork_phonephoto") == before + 1
    ((size, content_hash),) = town.rows(
        "select size_bytes, content_hash from fieldwork_phonephoto order by id desc limit 1"
    )
    assert size > half[0]
    ((payload,),) = town.rows(
        "select payload from fieldwork_phoneentry where photo_hash = ?", content_hash
    )
    assert content_hash in payload
    assert not list(parts.glob("*.part"))
    chen.leave()


def test_one_job_closed_by_two_people_keeps_both_reports(town, numbers, carrier):
    number = numbers[3]
    chen = carrier()
    chen.open_job(number)
    chen.begin()
    chen.wait_until_sent()
    chen.open_job(number)
    chen.line.cut()
    chen.finish("no_leak_found", note="Dry at the valve.")
    town.run(
        "from huoshui.areas.fieldwork import actions\n"
        "from huoshui.kernel.accounts.models import User\n"
        "zhao, dong = (User.objects.get(username=name) for name in ('zhao', 'dong'))\n"
        f"actions.assign_job(number='{number}', to=zhao, by_id=dong.pk)"
    )
    zhao = carrier("zhao")
    zhao.open_job(number)
    zhao.begin()
    zhao.finish("leak_repaired", note="Joint packed anew.")
    zhao.wait_until_sent()

    chen.line.mend()
    chen.wait_until_sent()

    outcomes = {(row[0], row[1], row[2]) for row in entries_of(town, number) if row[0] == "finish"}
    assert outcomes == {
        ("finish", "taken", ""),
        ("finish", "kept", "fieldwork.already_reported"),
    }
    assert "赵师傅 reported this job too" in chen.page.locator(".ph-entries").inner_text()
    reports = town.rows(
        "select r.found, r.note from fieldwork_jobreport r join fieldwork_job j on j.id = r.job_id"
        " where j.number = ? order by r.id",
        number,
    )
    # What each of them said, and what the rule put together, which counts.
    assert [row[0] for row in reports] == ["leak_repaired", "no_leak_found", "leak_repaired"]
    assert reports[1][1] == "Dry at the valve."
    assert set(reports[-1][1].split("\n")) == {"Dry at the valve.", "Joint packed anew."}


def test_a_phone_whose_clock_is_wrong_tells_the_true_moment(town, numbers, carrier):
    number = numbers[4]
    chen = carrier(clock_at=datetime.now(tz=UTC) + timedelta(hours=3))
    chen.line.cut()
    chen.open_job(number)
    chen.tap("accept")
    chen.page.locator('[data-deed="arrive"]').wait_for()
    done = datetime.now(tz=UTC)
    chen.line.mend()
    chen.wait_until_sent()

    ((at, off_s),) = town.rows(
        "select e.done_at, e.clock_off_s from fieldwork_phoneentry e join fieldwork_job j"
        " on j.id = e.job_id where j.number = ?",
        number,
    )
    kept = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert abs(kept - done) < timedelta(seconds=60)
    assert off_s == pytest.approx(3 * 3600, abs=60)
    words = chen.page.locator(".ph-entries").inner_text()
    assert "phone's clock was wrong, corrected" in words


def test_a_phone_without_room_says_so_and_loses_nothing(town, numbers, carrier):
    number = numbers[5]
    chen = carrier()
    chen.open_job(number)
    chen.line.cut()
    chen.photograph(picture(500))
    before = chen.waiting()
    session = chen.context.new_cdp_session(chen.page)
    origin = {"origin": chen.line.address}
    usage = session.send("Storage.getUsageAndQuota", origin)["usage"]
    session.send("Storage.overrideQuotaForOrigin", {**origin, "quotaSize": usage + 1000})
    # Chromium asks for the room that is left only every half a minute.
    time.sleep(35)

    chen.tap("photo")
    chen.page.set_input_files(
        "[data-shows=after]",
        {"name": "pit.jpg", "mimeType": "image/jpeg", "buffer": picture(501)},
    )
    full = chen.page.locator('.ph-sheet[data-sheet="storage-full"]')
    full.wait_for()

    assert "Not kept: this picture." in full.inner_text()
    assert "1 entry, 1 picture" in full.inner_text()
    assert chen.waiting() == before == 2
    session.send("Storage.overrideQuotaForOrigin", origin)
    chen.page.reload()
    chen.page.locator(".ph-deeds").wait_for()
    assert chen.waiting() == before
    chen.photograph(picture(501))
    chen.line.mend()
    chen.wait_until_sent()

    assert entries_of(town, number) == [("photo", "taken", "")] * 2
    hashes = town.rows(
        "select distinct photo_hash from fieldwork_phoneentry where photo_hash <> ''"
    )
    assert town.count("fieldwork_phonephoto") == len(hashes)
