"""Dispatchers at the board: giving by button, mouse, finger and keyboard; two at once; a plan.

Two people look at the same board in windows of their own, and neither loads it again.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOARD = "/fieldwork/board/"
READY = '[data-island="fieldwork/board"][data-island-state="started"]'
GIVE = ".fw-panel .fw-candidate button[data-crew]"


class AtBoard:
    """Somebody with the board open."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page
        self.open()

    def open(self, query: str = "") -> None:
        """Open the board and wait until it lives."""
        self.person.go(BOARD + query)
        self.page.locator(READY).wait_for()

    def show(self, which: str) -> None:
        """List other jobs: waiting, late, given, all."""
        self.page.locator(".fw-find select").select_option(which)

    def waiting(self) -> list[str]:
        """Return the numbers of the jobs at the top of those that wait."""
        self.page.locator(".fw-card").first.wait_for()
        cards = self.page.locator(".fw-card").all()
        rows = [(float(one.evaluate("el => el.offsetTop")), one) for one in cards]
        return [str(one.get_attribute("data-number")) for _top, one in sorted(
            rows, key=lambda row: row[0])]  # fmt: skip

    def card(self, number: str) -> Any:
        """Return the card of a job."""
        return self.page.locator(f'.fw-card[data-number="{number}"]')

    def has(self, crew: str, number: str) -> bool:
        """Say whether a job is with a crew, as this person sees it now."""
        self.page.locator(".fw-find input").fill(number)
        self.show("given")
        self.card(number).wait_for()
        self.card(number).click()
        said = self.person.text(".fw-panel")
        self.page.locator(".fw-find input").fill("")
        self.show("waiting")
        return crew in said

    def lane(self, at: int) -> Any:
        """Return the lane of a crew that is at work, scrolled into sight."""
        found = self.page.locator(".fw-lane[data-crew]:not(.fw-lane-off)").nth(at)
        found.scroll_into_view_if_needed()
        return found

    def has_left(self, number: str) -> None:
        """Wait until a job no longer waits, without loading the page again."""
        self.person.wait(f"{number} to leave the list", lambda: not self.card(number).count())

    def stands(self, number: str) -> None:
        """Wait until a job waits again."""
        self.person.wait(f"{number} to wait again", self.card(number).count)


@pytest.fixture(scope="module")
def boards(chromium, demo):
    """Two dispatchers, each at the board."""
    people = [Person(chromium, demo, post) for post in ("dispatcher", "crew_leader")]
    for one in people:
        one.page.set_viewport_size({"width": 1400, "height": 1100})
    yield [AtBoard(one) for one in people]
    for one in people:
        one.leave()


class TestBoard:
    def test_giving_by_the_button_is_seen_by_the_other_and_can_be_undone(self, boards):
        mine, other = boards
        number = mine.waiting()[0]
        mine.card(number).click()
        mine.page.locator(GIVE).first.click()

        mine.has_left(number)
        other.has_left(number)
        mine.page.locator('[data-fw="undo"]').click()
        mine.stands(number)
        other.stands(number)

    def test_a_job_is_dragged_onto_a_crew_by_mouse(self, boards):
        mine, other = boards
        number = mine.waiting()[0]
        start = mine.card(number).bounding_box()
        lane = mine.lane(0)
        end, start = lane.bounding_box(), mine.card(number).bounding_box() or start
        mouse = mine.page.mouse
        mouse.move(start["x"] + 40, start["y"] + 20)
        mouse.down()
        mouse.move(start["x"] + 80, start["y"] + 60, steps=4)
        mouse.move(end["x"] + 60, end["y"] + 15, steps=8)
        assert "fw-over" in (lane.get_attribute("class") or "")
        mouse.up()

        other.has_left(number)
        assert other.has(lane.locator("strong").inner_text(), number)

    def test_a_job_is_given_from_the_box_by_keyboard(self, boards):
        mine, other = boards
        number = mine.waiting()[0]
        mine.card(number).click()
        mine.page.locator(".fw-scroll").focus()
        mine.page.keyboard.press("Enter")
        box = mine.page.locator("dialog.fw-give-box[open]")
        box.locator("button[data-crew]:focus").wait_for()
        mine.page.keyboard.press("ArrowDown")
        mine.page.keyboard.press("Enter")

        other.has_left(number)
        assert not box.count()

    def test_the_second_of_two_is_told_who_was_quicker(self, boards):
        mine, other = boards
        number = mine.waiting()[0]
        mine.card(number).click()
        button = mine.page.locator(GIVE).first
        button.wait_for()
        crew = mine.page.locator(".fw-candidate strong").first.inner_text()
        button.click()
        mine.has_left(number)
        other.has_left(number)

        # The other gives it as they saw it before the news: the line was a moment late.
        def late(route: Any) -> None:
            said = json.loads(route.request.post_data)
            route.continue_(post_data=json.dumps(said | {"seen": ""}))

        other.page.route("**/board/move", late)
        assert other.has(crew, number)
        other.page.locator(GIVE).first.click()
        conflict = other.page.locator('[data-fw="conflict"]')
        conflict.wait_for()
        assert number in conflict.inner_text()
        assert crew in conflict.inner_text()
        other.page.unroute("**/board/move")

        conflict.locator('[data-fw="leave"]').click()
        assert not conflict.count()
        assert mine.has(crew, number)

    def test_a_plan_is_proposed_and_accepted(self, boards):
        mine, other = boards
        mine.open()
        waiting = int(mine.person.text(".fw-list [role=status]").split()[0])
        mine.page.locator("form.hs-action button.btn-primary").click()
        mine.page.locator('[data-fw="accept"]').wait_for()
        assert "nearest first would drive" in mine.person.text(".fw-banner")
        mine.page.locator('[data-fw="accept"]').click()
        mine.page.wait_for_url(lambda url: url.endswith(BOARD))

        def fewer() -> bool:
            said = other.person.text(".fw-list [role=status]").split()[0]
            return not said.isdigit() or int(said) < waiting

        other.person.wait("the plan on the other board", fewer)


class Finger:
    """A finger on a screen: put down, drawn on and lifted by itself, unlike a mouse."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.line = page.context.new_cdp_session(page)
        self.at = (0.0, 0.0)

    def down(self, x: float, y: float) -> None:
        """Put the finger down and leave it there."""
        self.at = (x, y)
        self._send("touchStart", self.at)

    def draw_to(self, x: float, y: float) -> None:
        """Draw the finger to another place in eight steps."""
        (from_x, from_y), self.at = self.at, (x, y)
        for step in range(1, 9):
            self._send("touchMove", (
                from_x + (x - from_x) * step / 8, from_y + (y - from_y) * step / 8,
            ))  # fmt: skip
            self.page.wait_for_timeout(30)

    def up(self) -> None:
        """Take the finger off the screen."""
        self._send("touchEnd")

    def _send(self, kind: str, *spots: tuple[float, float]) -> None:
        self.line.send("Input.dispatchTouchEvent", {
            "type": kind, "touchPoints": [{"x": x, "y": y} for x, y in spots],
        })  # fmt: skip


class TestFinger:
    @pytest.fixture
    def tablet(self, chromium, demo):
        """The dispatcher with a screen to touch."""
        person = Person(chromium, demo, "dispatcher")
        context = chromium.new_context(
            storage_state=person.context.storage_state(), has_touch=True, is_mobile=True,
            viewport={"width": 820, "height": 1180}, locale="en-GB", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{demo.address}{BOARD}")
        page.locator(READY).wait_for()
        yield page
        context.close()
        person.leave()

    @pytest.fixture
    def finger(self, tablet):
        """A finger on the tablet's screen."""
        return Finger(tablet)

    def test_a_job_that_a_finger_rested_on_is_dragged_onto_a_crew(self, tablet, finger):
        tablet.locator(".fw-top").evaluate("el => el.scrollIntoView({block: 'end'})")
        tablet.locator(".fw-time").evaluate("el => window.scrollTo(0, el.offsetTop - 900)")
        start = tablet.locator(".fw-card").nth(1).bounding_box()
        end = tablet.locator(".fw-lane[data-crew]:not(.fw-lane-off)").first.bounding_box()
        assert start["y"] > 60
        assert end["y"] < 1080

        finger.down(start["x"] + 60, start["y"] + 20)
        # Jobs come and go by themselves: the one under the finger is the one that is carried.
        number = tablet.locator(".fw-lifted").get_attribute("data-number")
        finger.draw_to(end["x"] + 40, end["y"] + 20)
        tablet.locator(".fw-lane.fw-over").wait_for()
        finger.up()

        tablet.locator('[data-fw="undo"]').wait_for()
        assert number in tablet.locator(".fw-deed").inner_text()
        tablet.locator('[data-fw="undo"]').click()

    def test_a_finger_that_does_not_rest_scrolls(self, tablet, finger):
        tablet.locator(".fw-find select").select_option("all")
        first = tablet.locator(".fw-card").first.bounding_box()

        def scrolled() -> float:
            finger.down(first["x"] + 60, first["y"] + 200)
            finger.draw_to(first["x"] + 60, first["y"] + 20)
            finger.up()
            assert not tablet.locator('[data-fw="undo"]').count()
            tablet.wait_for_timeout(500)
            return float(tablet.locator(".fw-scroll").evaluate("el => el.scrollTop"))

        # On a busy machine the finger itself can rest for a third of a second, and then it drags.
        assert any(scrolled() > 20 for _attempt in range(5))
