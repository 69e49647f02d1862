"""What fieldwork says on the cards of areas, with rows behind it, and where each figure leads.

zone T (whole town) > zone A (R1, n1, n2, p1, p2), and B, where nothing lies
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import actions, area_lines, contracts, models
from huoshui.areas.fieldwork.patrol import actions as patrol_actions
from huoshui.areas.fieldwork.patrol import area_lines as patrol_lines
from huoshui.areas.fieldwork.patrol.kinds import FindingKind, Purpose
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import clock

AREAS = {"T": frozenset({"T", "A", "B"}), "A": frozenset({"A"}), "B": frozenset({"B"})}
DAY = timedelta(days=1)


@pytest.fixture
def town(street):
    """The street's zone below a town, beside an empty one."""
    zones = [
        network_contracts.ZoneDeclaration(code="T", name="Town"),
        network_contracts.ZoneDeclaration(
            code="A", name="Old town", parent="T", assets=("R1", "n1", "n2", "p1", "p2")
        ),
        network_contracts.ZoneDeclaration(code="B", name="New town", parent="T"),
    ]
    network.assign_zones(zones, by_id=None)


def rows_of(page: str) -> int:
    """Return how many rows the table of a list page has."""
    body = re.search(r"<tbody.*?</tbody>", page, re.S)
    return len(re.findall(r"<tr\b", body.group(0))) if body else 0


class TestJobs:
    @pytest.fixture
    def jobs(self, town, dispatcher):
        """Three jobs at p2 asked for 1, 3 and 5 days ago; the oldest is overdue."""
        made = []
        for ago in (1, 3, 5):
            with clock.frozen(NOW - ago * DAY):
                made.append(actions.request_job(
                    place=contracts.Place(asset_code="p2"), by_id=dispatcher.pk,
                    due_at=NOW + (4 - ago) * DAY,
                ))  # fmt: skip
        return made

    def test_are_counted_for_their_zone_and_all_above_it(self, jobs):
        found = area_lines.read(AREAS)

        for area in ("A", "T"):
            said = {key: one.value for key, one in found[area].items()}
            assert (said["open"], said["overdue"], said["repairs"]) == (3, 1, 0)
            assert said["oldest"] == pytest.approx(5.0)
        assert found["B"]["open"].value == 0
        assert found["B"]["oldest"].value is None

    def test_what_is_over_is_not_open(self, jobs, dispatcher):
        actions.cancel_job(number=jobs[2].number, reason="gone", by_id=dispatcher.pk)
        found = area_lines.read(AREAS)["A"]

        assert (found["open"].value, found["overdue"].value) == (2, 0)
        assert found["oldest"].value == pytest.approx(3.0)
        assert found["overdue"].state == network_contracts.CardState.GOOD

    @pytest.mark.parametrize("key", ["open", "overdue"])
    def test_a_figure_leads_to_as_many_rows_as_it_counts(self, jobs, browser, dispatcher, key):
        figure = area_lines.read(AREAS)["A"][key]
        page = browser(dispatcher).get(figure.href).content.decode()

        assert rows_of(page) == figure.value

    def test_repairs_take_from_the_call_to_the_water(self, jobs):
        # Called eight hours ago, water back two hours ago: six hours without.
        models.Job.objects.filter(pk=jobs[0].pk).update(
            called_at=NOW - 8 * timedelta(hours=1), water_back_at=NOW - 2 * timedelta(hours=1),
            kind="repair", state="closed",
        )  # fmt: skip
        found = area_lines.read(AREAS)

        for area in ("A", "T"):
            assert found[area]["repairs"].value == 1
            assert found[area]["repair_h"].value == pytest.approx(6.0)
        assert found["B"]["repair_h"].value is None


class TestPatrols:
    @pytest.fixture
    def weekly(self, town):
        """A round of A that nobody walked since 16 February: its first week is over."""
        return patrol_actions.keep_round(
            "XJ-01", values={"name": "Old town", "zone_code": "A", "every_days": 7,
                             "begin_date": date(2026, 2, 16)},
            asset_codes=patrol_actions.pipes_chosen(zone_code="A"), by_id=None, is_new=True,
        )  # fmt: skip

    def test_missed_periods_count_and_lead_to_their_rows(self, weekly, browser, dispatcher):
        found = patrol_lines.read(AREAS)
        figure = found["A"]["missed"]
        page = browser(dispatcher).get(figure.href).content.decode()

        # 16 to 22 February and 23 February to 1 March; the present one may still be walked.
        assert (figure.value, found["T"]["missed"].value) == (2, 2)
        assert found["A"]["walked"].value == 0
        assert rows_of(page) == 2
        assert found["B"]["missed"].value is None

    def test_rounds_to_plants_are_not_walked_along_pipes(self, weekly):
        models.PatrolRound.objects.filter(pk=weekly.pk).update(purpose=Purpose.EQUIPMENT)

        assert patrol_lines.read(AREAS)["A"]["missed"].value is None

    def test_repeat_hazard_points_lie_where_their_asset_is(self, town, crew):
        lon, lat = network.places(["p2"])["p2"]
        for ago in (1, 2, 3):
            patrol_actions.take_finding(
                by=crew, kind=FindingKind.SUBSIDENCE, lon=lon, lat=lat, found_at=NOW - ago * DAY,
                asset_code="p2",
            )  # fmt: skip
        found = patrol_lines.read(AREAS)

        assert [found[area]["hazards"].value for area in ("T", "A", "B")] == [1, 1, 0]


class TestCards:
    def test_every_figure_of_a_card_leads_to_a_page_that_opens(self, town, browser, person):
        manager = browser(person("boss", "manager"))
        page = manager.get(reverse("network:area", args=["A"])).content.decode()
        hrefs = {one.replace("&amp;", "&") for one in re.findall(r'href="(/[^"#]*)"', page)
                 if "zone=A" in one}  # fmt: skip

        assert len(hrefs) >= 5
        assert {href: manager.get(href).status_code for href in hrefs} == dict.fromkeys(hrefs, 200)

    def test_an_area_with_parts_leads_to_lists_that_are_not_narrowed(self, town, browser, person):
        manager = browser(person("boss", "manager"))
        page = manager.get(reverse("network:area", args=["T"])).content.decode()

        assert "zone=T" not in re.sub(r"/network/[^\"]*", "", page)
