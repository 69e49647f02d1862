"""A change of the network: drawn on the map by one person, approved by another, there for all."""

from __future__ import annotations

import re

import pytest

from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Where the map puts an asset that it flies to: right of the middle, beside the panel.
RIGHT_OF_MIDDLE_PX = 60


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


def steps(person: Person) -> list[str]:
    """Return the steps of the draft as the editor lists them."""
    return person.page.locator(".nw-edit-steps li").all_inner_texts()


class TestMapEdit:
    """The steps follow one another; each begins where the one before ended."""

    def test_a_pipe_of_typed_length_is_drawn_from_a_node(self, meet):
        engineer = meet("leakage_engineer")
        page = engineer.page
        engineer.go("/map/?asset=n288")
        page.locator('[data-island="network/map"][data-ready="true"]').wait_for()
        page.locator(".nw-card h2", has_text="n288").wait_for()
        # The map flies there; it has arrived when its place stands still.
        page.wait_for_timeout(3000)
        page.locator(".nw-draw").click()
        page.locator(".nw-edit input").first.fill("Feed for the new school")
        page.locator(".nw-edit input").nth(1).fill("As built, drawing 7")
        page.locator(".nw-edit button.btn-primary").click()
        page.locator('[data-tool="pipe"]').click()
        box = page.locator(".nw-ground canvas").bounding_box()
        x = box["x"] + box["width"] / 2 + RIGHT_OF_MIDDLE_PX
        y = box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        page.mouse.move(x + 40, y - 10)
        typed = page.locator('.nw-edit input[placeholder*="bearing"]')
        typed.wait_for(state="visible")
        typed.fill("25<90")
        typed.press("Enter")
        typed.press("Enter")

        engineer.wait("the pipe and its junction", lambda: len(steps(engineer)) == 2)
        assert all(re.search(r"\bnew\b", step) for step in steps(engineer))
        assert any("diameter is not stated" in step for step in steps(engineer))

    def test_a_stroke_is_undone_and_redone_as_a_whole(self, meet):
        engineer = meet("leakage_engineer")
        page = engineer.page
        page.locator(".nw-edit-hint").click()
        page.keyboard.press("Control+z")
        undone = page.locator(".nw-edit-steps .nw-undone")
        engineer.wait("both steps undone", lambda: undone.count() == 2)

        page.keyboard.press("Control+y")
        engineer.wait("both steps there again", lambda: not undone.count())

    def test_it_counts_only_when_another_person_has_approved_it(self, meet):
        engineer, manager = meet("leakage_engineer"), meet("manager")
        code = steps(engineer)[-1].split()[0]
        engineer.page.locator(".nw-edit button.btn-primary", has_text="approval").click()
        engineer.page.wait_for_url("**/network/changes/*/")
        address = engineer.page.url
        engineer.go(f"/network/assets/{code}/")
        assert "25" not in engineer.text("title")
        assert engineer.page.locator(".hs-facts").count() == 0

        manager.page.goto(address)
        manager.page.locator('form[action$="/approve/"] button').click()
        manager.page.locator('#confirm button[value="yes"]').click()
        manager.wait("the approval", lambda: re.search("Approved", manager.text()))
        engineer.go(f"/network/assets/{code}/")
        engineer.page.locator(".hs-facts").first.wait_for()

        assert re.search(r"25\.0\s*m", engineer.text())
        assert "n288" in engineer.text()
        assert "As built, drawing 7" in manager.text()
