"""A proposal of the staff: raised by one, promised on the board, finished, asked about, closed."""

from __future__ import annotations

import re

import pytest

from tests.journeys import city as cities
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KIND = "/cases/staff_affairs.proposal/"
WISH = "A lamp at the gate of the pump house"


@pytest.fixture(scope="module")
def meet(chromium, demo):
    """Return the person with a post, the same window each time."""
    people: dict[str, Person] = {}

    def found(post: str) -> Person:
        if post not in people:
            people[post] = Person(chromium, demo, post)
        return people[post]

    yield found
    for person in people.values():
        person.leave()


@pytest.fixture(scope="module")
def raised(meet, demo):
    """Return the number of the proposal that somebody of the crew raises, on an ordinary day.

    An earlier journey may have left the clock so fast that cards change places under the pointer.
    """
    cities.set_speed(demo, 1)
    crew = meet("crew")
    crew.go(f"{KIND}new/")
    crew.page.locator('[name="title"]').fill(WISH)
    crew.page.locator('[name="f_wish"]').fill("At night nobody sees the lock.")
    crew.page.locator("form.hs-form .btn-primary").click()
    crew.page.wait_for_url(re.compile(r"/cases/SP"))
    return crew.page.url.rstrip("/").rsplit("/", 1)[1]


class TestProposal:
    """The steps follow one another; each begins where the one before ended."""

    def test_waits_for_the_manager_and_is_drawn_to_a_promise(self, meet, raised):
        manager = meet("manager")
        manager.go("/cases/mine/")
        assert raised in manager.text()

        manager.go(f"{KIND}board/")
        manager.page.locator('#board[data-island-state="started"]').wait_for()
        # High enough for the whole board: scrolling under a held pointer would take another card.
        manager.page.set_viewport_size({"width": 1400, "height": 3000})
        card = manager.page.locator(f'[data-number="{raised}"]')
        card.drag_to(manager.page.locator('[data-state="promised"] h2'))
        manager.page.wait_for_url(re.compile(rf"/cases/{raised}/do/promise/"))

    def test_needs_measure_person_and_day_for_a_promise(self, meet, raised):
        manager = meet("manager")
        manager.page.locator('[name="due_at"]').fill("")
        manager.page.locator("form.hs-form .btn-primary").click()
        manager.page.locator(".hs-wrong").first.wait_for()
        assert manager.page.locator(".hs-wrong").count() >= 2

        page = manager.page
        page.locator('[name="f_measure"]').fill("A lamp with a sensor")
        page.locator('[name="due_at"]').fill("2027-01-15T18:00")
        owner = page.locator('[name="owner"] option', has_text="刘洋").first
        page.locator('[name="owner"]').select_option(owner.get_attribute("value"))
        page.locator("form.hs-form .btn-primary").click()
        page.wait_for_url(re.compile(rf"/cases/{raised}/$"))
        assert "Promised" in manager.text("h1")

    def test_is_finished_by_the_responsible_person_alone(self, meet, raised):
        assert not meet("manager").page.locator('a[href$="/do/finish/"]').count()

        leader = meet("crew_leader")
        leader.go("/cases/mine/")
        leader.page.locator(f'a[href="/cases/{raised}/"]').first.click()
        leader.page.locator('a[href$="/do/finish/"]').click()
        leader.page.locator('[name="note"]').fill("The lamp burns.")
        leader.page.locator("form.hs-form .btn-primary").click()
        leader.page.wait_for_url(re.compile(rf"/cases/{raised}/$"))

    def test_is_closed_when_the_proposer_is_content(self, meet, raised):
        manager = meet("manager")
        manager.go(f"/cases/{raised}/call-back/")
        manager.page.locator('[name="score"][value="5"]').check()
        manager.page.locator("form.hs-form .btn-primary").click()
        manager.page.wait_for_url(re.compile(rf"/cases/{raised}/$"))

        assert "Closed, proposer content" in manager.text("h1")
        history = manager.text(".cs-timeline")
        for words in ("Promise", "Finish", "Called back", "The lamp burns."):
            assert words in history

    def test_counts_in_the_figures_that_everybody_sees(self, meet, raised):
        crew = meet("crew")
        crew.go(f"{KIND}figures/")

        assert "Time in each state" in crew.text()
        crew.page.locator('[data-island="cases/figures-chart"] canvas').wait_for()
