"""The whole first path, as a stranger walks it, in a real browser.

    map with live values -> a sensor's chart -> a leak nobody knows of -> suspected leak -> job
    -> report with a photograph -> closed by a second person -> the night flow steps down

The demo city has a short history here, and its clock runs faster than the page offers, so that a
night takes seconds. Everything else is what `./huoshui demo` does.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
from contextlib import closing

import pytest
from PIL import Image

from tests.journeys import city as cities
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A demo day in twelve seconds: nights go by while one waits, and the city keeps up.
FAST = 7200
NIGHTS_S = 200.0
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Words of three Latin letters or more, apart from names, units and codes.
ENGLISH = re.compile(r"[A-Za-z]{3,}")
PAGES = (
    "/network/assets/",
    "/network/zones/",
    "/telemetry/points/",
    "/telemetry/alarms/",
    "/telemetry/sources/",
    "/leakage/",
    "/leakage/leaks/",
    "/fieldwork/jobs/",
)


@pytest.fixture(scope="module")
def meet(chromium, demo):
    """Return people of the demo by their post, each met once."""
    known: dict[str, Person] = {}

    def person(post: str, **more: str) -> Person:
        key = f"{post} {more}"
        if key not in known:
            known[key] = Person(chromium, demo, post, **more)
        return known[key]

    yield person
    for one in known.values():
        one.leave()


def photograph() -> bytes:
    """Return a small photo that carries a place, which must not be kept."""
    picture = Image.new("RGB", (640, 480), (90, 120, 140))
    exif = Image.Exif()
    exif[0x010E] = "taken in front of the house"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


class TestFirstLight:
    """The steps follow one another; each begins where the one before ended."""

    def test_the_map_is_drawn_and_lives(self, meet):
        engineer = meet("leakage_engineer")
        engineer.go("/map/")
        engineer.page.locator('[data-island="network/map"][data-ready="true"]').wait_for()

        engineer.go("/telemetry/points/")
        cells = engineer.page.locator('[data-live-point] [data-live="value"]')
        cells.first.wait_for()
        before = cells.all_inner_texts()
        engineer.wait("values that change", lambda: cells.all_inner_texts() != before)

    def test_a_sensor_shows_its_chart(self, meet):
        engineer = meet("leakage_engineer")
        engineer.go("/telemetry/points/n1.pressure/")

        chart = engineer.page.locator('[data-island="telemetry/trend-chart"] canvas').first
        chart.wait_for()
        assert chart.bounding_box()["height"] > 100

    def test_the_clock_can_be_made_faster(self, meet, demo):
        engineer = meet("leakage_engineer")
        engineer.go("/map/")
        select = engineer.page.locator("select[data-demo-speed]")
        select.select_option("1800")
        bar = engineer.page.locator('[data-demo-clock][data-speed="1800"]')

        engineer.wait("the clock at its new speed", lambda: bar.count())
        cities.set_speed(demo, FAST)

    def test_a_leak_is_suspected_with_its_size(self, meet):
        engineer = meet("leakage_engineer")
        engineer.go("/leakage/leaks/")
        link = engineer.reload_until(
            "a suspected leak", 'main tbody a[href^="/leakage/leaks/"]', NIGHTS_S
        )
        link.click()
        engineer.page.locator('[data-island="leakage/night-flow-chart"] canvas').wait_for()

        assert re.search(r"\d+\.\d\s*m³/h", engineer.text())
        assert "95 % interval" in engineer.text()

    def test_an_alarm_was_raised(self, meet):
        dispatcher = meet("dispatcher")
        dispatcher.go("/telemetry/alarms/")

        dispatcher.reload_until("the alarm of the zone", 'main form[action*="/acknowledge/"]')

    def test_one_click_makes_a_job(self, meet):
        engineer = meet("leakage_engineer")
        engineer.page.locator('form.hs-action[action$="/job/"] button').click()
        engineer.page.wait_for_url("**/fieldwork/jobs/*/")

    def test_the_crew_leader_gives_it_to_the_crew(self, meet):
        job = meet("leakage_engineer").page.url
        leader = meet("crew_leader")
        leader.page.goto(job)
        leader.page.locator('a[href$="/assign/"]').first.click()
        to = leader.page.locator('select[name="to"]')
        to.select_option(
            value=to.locator("option", has_text=name_of("crew")).get_attribute("value")
        )
        leader.page.locator("form.hs-form button.btn-primary, main form button").last.click()
        leader.page.wait_for_url(job)

    def test_the_crew_reports_with_a_photograph(self, meet, demo):
        job = meet("leakage_engineer").page.url
        crew = meet("crew")
        crew.page.goto(job + "report/")
        crew.page.locator('input[name="found"][value="leak_repaired"]').check(force=True)
        crew.page.locator('input[name="found_asset_code"]').fill(leaking_pipe(demo))
        crew.page.locator('textarea[name="note"]').fill("Split along the crown, clamp set.")
        crew.page.locator('input[type="file"]').set_input_files(
            {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
        )
        crew.page.locator("main form button.btn-primary").last.click()
        crew.page.wait_for_url(job)

        assert crew.page.locator("main img").count() >= 1

    def test_the_reporter_cannot_close_but_a_second_person_can(self, meet):
        job = meet("leakage_engineer").page.url
        crew = meet("crew")
        crew.page.goto(job)
        assert crew.page.locator('a[href$="/close/"]').count() == 0

        dispatcher = meet("dispatcher")
        dispatcher.page.goto(job + "close/")
        dispatcher.page.locator("main form button.btn-success").click()
        dispatcher.page.wait_for_url(job)

    def test_the_night_flow_steps_down_and_the_water_is_counted(self, meet):
        engineer = meet("leakage_engineer")
        engineer.go("/leakage/")
        engineer.reload_until("the proven repair", 'main :text-is("Water saved")', NIGHTS_S)

        assert "Money saved" in engineer.text()


def leaking_pipe(demo) -> str:
    """Return a pipe that leaks now, as the demo city itself knows."""
    state = json.loads((demo.home / "democity" / "state.json").read_text(encoding="utf-8"))
    running = [one for one in state["city"]["leaks"] if one["repaired_at"] is None]
    return str(running[0]["pipe"])


def name_of(post: str) -> str:
    """Return the name of whoever signs in as a post."""
    from huoshui.democity import city

    return next(name for _username, name, held in city.PEOPLE if held == post)


def words_of_the_demo(demo) -> list[str]:
    """Return what people and their jobs are called, which is the same in every language."""
    from huoshui.democity import desk

    with closing(sqlite3.connect(f"file:{demo.home}/huoshui.sqlite?mode=ro", uri=True)) as base:
        rows = base.execute(
            "SELECT name FROM accounts_user UNION SELECT title FROM fieldwork_job"
        ).fetchall()
    return [desk.SHIFT_BOOK_TITLE, *(name for (name,) in rows if name)]


class TestLanguages:
    """No page mixes languages; names of people, places and products are not words."""

    @pytest.mark.parametrize("path", PAGES)
    def test_english_pages_are_english(self, demo, meet, path):
        reader = meet("viewer")
        reader.go(path)

        text = reader.text()
        for name in words_of_the_demo(demo):
            text = text.replace(name, "")
        mixed = [line for line in text.splitlines() if CHINESE.search(line)]
        assert not mixed, mixed[:10]

    @pytest.mark.parametrize("path", PAGES)
    def test_chinese_pages_are_chinese(self, meet, path):
        reader = meet("manager", language="zh-hans")
        reader.go(path)
        headings = reader.page.locator("main h1, main h2, main th, main dt, main label, main .btn")

        mixed = [
            text
            for text in headings.all_inner_texts()
            if ENGLISH.search(text) and not CHINESE.search(text)
        ]
        assert not mixed, mixed[:10]


class TestPhone:
    def test_no_page_is_wider_than_a_phone(self, meet):
        reader = meet("viewer")
        reader.page.set_viewport_size({"width": 390, "height": 844})
        wide = []
        for path in PAGES:
            reader.go(path)
            width = reader.page.evaluate("document.documentElement.scrollWidth")
            if width > 390:
                wide.append(f"{path} is {width} px wide")
        reader.page.set_viewport_size({"width": 1280, "height": 720})

        assert not wide
