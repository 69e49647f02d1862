"""Posts that are limited to a unit: its jobs and no others.

The street of the cast is zone A of unit North; zone B belongs to South.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import actions, contracts, models, refusals
from huoshui.areas.fieldwork.actions import crews, planning, stock
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import planning as queries
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts import permissions
from huoshui.kernel.organisation import actions as organisation

BEGIN = date(2020, 1, 1)


@pytest.fixture
def units(street):
    network.assign_zones([network_contracts.ZoneDeclaration(code="B", name="B")], by_id=None)
    found = {}
    for code, zone in (("north", "A"), ("south", "B")):
        found[code] = organisation.add_unit(code, name_zh=code, from_date=BEGIN)
        network.give_zone(zone, found[code], by_id=None)
    return found


@pytest.fixture
def limited(person, units):
    """Return somebody with a post in one unit only."""

    def make(post: str, unit: str):
        user = person(f"{post}-{unit}")
        accounts.give_post(user, post, unit=units[unit])
        return user

    return make


def job_at(**place: str) -> str:
    asked = contracts.Place(**place)
    return actions.request_job(place=asked, by_id=None).number


class TestLimitedPosts:
    def test_ask_for_jobs_in_their_unit_only(self, limited):
        by = limited("dispatcher", "north")

        actions.request_job(place=contracts.Place(asset_code="p1"), by_id=by.pk)
        for elsewhere in ({"zone_code": "B"}, {"lon": 113.6, "lat": 34.75}):
            with pytest.raises(permissions.NotAllowedHere) as refused:
                actions.request_job(place=contracts.Place(**elsewhere), by_id=by.pk)
            assert refused.value.data["unit"] == ("south" if "zone_code" in elsewhere else "")

    @pytest.mark.parametrize("deed", ["assign", "return", "close", "cancel"])
    def test_take_no_step_with_a_job_of_another(self, limited, crew, deed):
        by = limited("crew_leader", "south")
        number = job_at(asset_code="p1")
        actions.assign_job(number=number, to=crew, by_id=crew.pk)
        if deed in {"return", "close"}:
            actions.report_job(number=number, by=crew, found=contracts.Found.OTHER)
        given = {
            "assign": {"to": crew},
            "return": {"reason": "again"},
            "close": {},
            "cancel": {"reason": "no"},
        }[deed]

        with pytest.raises(permissions.NotAllowedHere):
            getattr(actions, f"{deed}_job")(number=number, by_id=by.pk, **given)

    def test_are_given_no_job_of_another(self, limited, dispatcher):
        with pytest.raises(refusals.NotACrewMember):
            actions.assign_job(
                number=job_at(zone_code="B"), to=limited("crew", "north"), by_id=dispatcher.pk
            )

    def test_see_the_jobs_of_all_and_buttons_for_their_own(self, limited, browser):
        page = browser(limited("dispatcher", "north"))
        here, there = job_at(asset_code="p1"), job_at(zone_code="B")

        assert "Cancel job" in page.get(reverse("fieldwork:job", args=[here])).content.decode()
        text = page.get(reverse("fieldwork:job", args=[there])).content.decode()
        assert "Cancel job" not in text
        answer = page.post(reverse("fieldwork:cancel", args=[there]), {"reason": "no"})
        assert b"Your post is limited" in answer.content


class TestPlans:
    UNTIL = NOW + timedelta(hours=10)

    @pytest.fixture
    def jobs(self, units, make_crew):
        make_crew("a")
        return {"north": job_at(asset_code="p1"), "south": job_at(zone_code="B", lon=113.6,
                                                                  lat=34.75)}  # fmt: skip

    def propose(self, by):
        row = planning.propose(from_at=NOW, until=self.UNTIL, by_id=by.pk)
        return planning.compute(row.pk, limit_s=0.2)

    def test_hold_the_waiting_jobs_that_one_may_give(self, limited, jobs):
        by = limited("dispatcher", "north")

        row = self.propose(by)

        assert [one.job.number for one in row.stops.select_related("job")] == [jobs["north"]]
        assert planning.accept(row.pk, by_id=by.pk) == (1, [])

    def test_are_refused_where_nothing_waits_in_ones_unit(self, limited, jobs, dispatcher):
        actions.cancel_job(number=jobs["north"], by_id=dispatcher.pk, reason="no")

        with pytest.raises(refusals.NothingToPlan):
            self.propose(limited("dispatcher", "north"))

    def test_of_somebody_else_give_no_job_of_another_unit(self, limited, jobs, dispatcher):
        row = self.propose(dispatcher)

        given, passed_over = planning.accept(row.pk, by_id=limited("dispatcher", "north").pk)

        assert (given, passed_over) == (1, [jobs["south"]])

    def test_of_somebody_else_are_changed_in_ones_own_unit_only(self, limited, jobs, dispatcher):
        row = self.propose(dispatcher)

        with pytest.raises(permissions.NotAllowedHere):
            planning.move(
                row.pk, job_number=jobs["south"], crew_code="", at_place=None,
                by_id=limited("dispatcher", "north").pk,
            )  # fmt: skip

    @pytest.fixture
    def of_north(self, jobs, units):
        """The leader of the only crew, who holds a post in one unit."""
        leader = models.CrewMember.objects.get().user
        leader.holdings.all().delete()
        accounts.give_post(leader, "crew", unit=units["north"])
        return leader

    def test_propose_to_a_crew_of_one_unit_no_job_of_another(self, jobs, of_north, dispatcher):
        row = self.propose(dispatcher)
        stops = {one.job.number: one for one in row.stops.select_related("job")}

        assert stops[jobs["north"]].crew_id is not None
        assert (stops[jobs["south"]].crew_id, stops[jobs["south"]].reason) == (None, "elsewhere")
        assert planning.accept(row.pk, by_id=dispatcher.pk) == (1, [])

    def test_propose_it_while_a_second_post_lends_the_crew(self, jobs, of_north, dispatcher, units):
        accounts.give_post(of_north, "crew", unit=units["south"])
        row = self.propose(dispatcher)
        assert row.stops.filter(crew__isnull=False).count() == 2

        of_north.holdings.filter(unit=units["south"]).update(until_at=NOW)
        later = self.propose(dispatcher)
        assert later.stops.filter(crew__isnull=False).count() == 1

    def test_pass_over_a_job_that_the_crew_may_not_be_given_any_more(self, jobs, dispatcher, units):
        row = self.propose(dispatcher)
        leader = models.CrewMember.objects.get().user
        leader.holdings.all().delete()
        accounts.give_post(leader, "crew", unit=units["north"])

        assert planning.accept(row.pk, by_id=dispatcher.pk) == (1, [jobs["south"]])

    def test_say_of_a_crew_that_it_is_of_another_unit(self, jobs, of_north):
        rows = {
            unit: queries.candidates(models.Job.objects.get(number=number), NOW)[0]
            for unit, number in jobs.items()
        }

        assert "ground" not in rows["north"].faults
        assert "ground" in rows["south"].faults

    def test_ask_whose_crews_they_are_once_for_all(
        self, jobs, of_north, make_crew, django_assert_max_num_queries
    ):
        keys = [make_crew(f"c{n}").pk for n in range(5)]
        with django_assert_max_num_queries(6):
            found = crew_queries.reaches([*keys, models.CrewMember.objects.first().crew_id])

        assert [found[key] for key in keys] == [None] * 5


class TestStores:
    @pytest.fixture
    def stores(self, units):
        """A store in each unit, and a part."""
        stock.keep_part("m", name_zh="水表", name_en="Meter", unit="pc", by_id=None)
        for code, unit in units.items():
            stock.keep_store(code, name=code, is_vehicle=False, unit_id=unit.pk, by_id=None)

    def test_are_kept_in_ones_own_unit_only(self, limited, stores, units):
        by = limited("dispatcher", "north")
        keep = {"name": "New name", "is_vehicle": False, "by_id": by.pk}

        stock.keep_store("north", unit_id=units["north"].pk, **keep)
        stock.keep_minimum("north", "m", 4, by_id=by.pk)

        for code, unit in (("south", "south"), ("north", "south"), ("south", "north")):
            with pytest.raises(permissions.NotAllowedHere):
                stock.keep_store(code, unit_id=units[unit].pk, **keep)
        with pytest.raises(permissions.NotAllowedHere):
            stock.keep_minimum("south", "m", 4, by_id=by.pk)
        assert models.Store.objects.get(code="south").name == "south"

    @pytest.mark.parametrize(
        ("keep", "values"),
        [
            (stock.keep_part, {"name_zh": "水表", "name_en": "Meters", "unit": "pc"}),
            (crews.keep_skill, {"name_zh": "焊", "name_en": "Weld"}),
        ],
    )
    def test_leave_what_is_of_all_to_who_is_not_limited(self, limited, stores, keep, values):
        by = limited("dispatcher", "north")

        with pytest.raises(permissions.NotAllowedHere):
            keep("m", **values, by_id=by.pk)

    def test_begin_in_the_unit_of_who_adds_them(self, limited, stores, units, browser):
        page = browser(limited("dispatcher", "north"))

        form = page.get(reverse("fieldwork:new-store")).content.decode()
        kept = page.post(
            reverse("fieldwork:new-store"),
            {"code": "N2", "name": "Second", "unit": units["north"].pk},
        )
        nowhere = page.post(reverse("fieldwork:new-store"), {"code": "N3", "name": "Third"})

        assert f'<option value="{units["north"].pk}" selected>' in form
        assert (kept.status_code, nowhere.status_code) == (302, 403)
        assert models.Store.objects.get(code="N2").unit == units["north"]
        assert "Second" in page.get(reverse("fieldwork:stores")).content.decode()

    def test_and_crews_keep_their_unit_when_they_are_changed(self, limited, units, make_crew):
        crew = make_crew("Q")
        models.Crew.objects.update(unit=units["north"])
        by = limited("crew_leader", "north")

        crews.keep_crew("Q", values={"name": "Anew"}, by_id=by.pk)

        crew.refresh_from_db()
        assert (crew.name, crew.unit) == ("Anew", units["north"])
