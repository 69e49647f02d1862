"""What the office sets up by hand: skills, shift patterns, types of jobs, parts, stores."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.actions import stock
from huoshui.kernel.audit.models import AuditRecord

NAMES = {"name_zh": "焊接", "name_en": "Welding"}


@pytest.fixture
def desk(browser, dispatcher):
    return browser(dispatcher)


def post(client, name, values, *args):
    return client.post(reverse(f"fieldwork:{name}", args=args), values)


class TestSkills:
    def test_are_added_changed_and_retired(self, desk):
        assert post(desk, "new-skill", {"code": "weld", **NAMES}).status_code == 302
        post(desk, "change-skill", {**NAMES, "name_en": "To weld", "is_retired": "on"}, "weld")

        skill = models.Skill.objects.get()
        assert (skill.name_en, skill.is_retired) == ("To weld", True)
        assert AuditRecord.objects.filter(action="fieldwork.skill_kept").count() == 2
        page = desk.get(reverse("fieldwork:skills") + "?show=now").content.decode()
        assert "To weld" not in page

    def test_refuse_a_code_that_is_taken(self, desk):
        post(desk, "new-skill", {"code": "weld", **NAMES})

        again = post(desk, "new-skill", {"code": "weld", "name_zh": "别的", "name_en": "Else"})

        assert again.status_code == 422
        assert models.Skill.objects.get().name_zh == "焊接"


class TestPatterns:
    VALUES = {**NAMES, "days": "08:00-17:00, 20:00-08:00, -", "first_date": "2026-03-02"}

    def test_are_kept_as_they_are_written(self, desk):
        post(desk, "new-pattern", {"code": "around", **self.VALUES})

        page = desk.get(reverse("fieldwork:change-pattern", args=["around"])).content.decode()
        assert "08:00-17:00, 20:00-08:00, -" in page
        assert models.ShiftPattern.objects.get().days[2] is None

    def test_say_which_day_cannot_be_read(self, desk):
        answer = post(desk, "new-pattern", {"code": "x", **self.VALUES, "days": "early to late"})

        assert answer.status_code == 422
        assert "early to late" in answer.content.decode()
        assert not models.ShiftPattern.objects.exists()

    def test_that_are_retired_are_not_offered_to_crews(self, desk, day_shift):
        values = {"name_zh": "白班", "name_en": "Day", "days": "08:00-18:00",
                  "first_date": "2026-03-02", "is_retired": "on"}  # fmt: skip
        post(desk, "change-pattern", values, "day")

        form = desk.get(reverse("fieldwork:new-crew")).content.decode()
        assert ">Day<" not in form


class TestTypes:
    VALUES = {
        **NAMES, "kind": "repair", "priority": "high", "usual_minutes": "30",
        "steps_zh": "关阀\n换表", "steps_en": "Shut\nExchange", "exchanges_meter": "on",
    }  # fmt: skip

    def test_keep_their_skills_kit_and_steps(self, desk, meter_exchange):
        answer = post(
            desk, "new-type",
            {"code": "frozen", **self.VALUES, "skills": [models.Skill.objects.get().pk],
             "part_1": "meter", "quantity_1": "2"},
        )  # fmt: skip

        assert answer.status_code == 302, answer.content.decode()[:3000]
        kept = models.JobType.objects.get(code="frozen")
        assert [(line.part.code, line.quantity) for line in kept.kit.all()] == [("meter", 2)]
        assert [one.code for one in kept.skills.all()] == ["fit"]
        assert kept.exchanges_meter
        page = desk.get(reverse("fieldwork:change-type", args=["frozen"])).content.decode()
        assert 'value="2"' in page

    def test_refuse_one_part_twice(self, desk, meter_exchange):
        values = {"part_1": "meter", "quantity_1": "1", "part_2": "meter", "quantity_2": "1"}

        answer = post(desk, "new-type", {"code": "frozen", **self.VALUES, **values})

        assert answer.status_code == 422
        assert "stands in the kit already" in answer.content.decode()

    def test_keep_what_is_there_no_more(self, desk, meter_exchange):
        row = models.JobType.objects.get(code="meter")
        models.Skill.objects.update(is_retired=True)
        models.Part.objects.update(is_retired=True)
        page = desk.get(reverse("fieldwork:change-type", args=["meter"])).content.decode()
        assert page.count("(not there any more)") == 1 + 4  # the skill, and each line of the kit

        answer = post(
            desk, "change-type",
            {**self.VALUES, "skills": [one.pk for one in row.skills.all()],
             "part_1": "meter", "quantity_1": "3"}, "meter",
        )  # fmt: skip

        assert answer.status_code == 302, answer.content.decode()[:3000]
        assert [(line.part.code, line.quantity) for line in row.kit.all()] == [("meter", 3)]
        assert [one.code for one in row.skills.all()] == ["fit"]

    def test_want_a_number_of_each_part(self, desk, meter_exchange):
        answer = post(desk, "new-type", {"code": "frozen", **self.VALUES, "part_1": "meter"})

        assert answer.status_code == 422
        assert "Say how many of it." in answer.content.decode()


class TestCrews:
    def test_keep_what_is_there_no_more(self, desk, make_crew, day_shift):
        crew = make_crew("Q")
        skill = models.Skill.objects.create(code="old", name_zh="旧", name_en="Old",
                                            is_retired=True)  # fmt: skip
        crew.skills.set([skill])
        models.ShiftPattern.objects.update(is_retired=True)

        answer = post(
            desk, "change-crew",
            {"name": "New name", "skills": [skill.pk], "pattern": crew.pattern_id or "",
             "pattern_offset_days": 0, "depot": crew.depot_id or "",
             "vehicle": crew.vehicle_id or ""}, "Q",
        )  # fmt: skip

        assert answer.status_code == 302, answer.content.decode()[:3000]
        crew.refresh_from_db()
        assert (crew.name, [one.code for one in crew.skills.all()]) == ("New name", ["old"])
        assert crew.pattern is not None


class TestPartsAndStores:
    def test_a_part_that_still_lies_somewhere_is_not_retired(self, desk, depot):
        post(desk, "new-part", {"code": "m", **NAMES, "unit": "pc", "is_meter": "on"})
        stock.move(stock.Way(contracts.Moved.RECEIVED, to_code="D"), {"m": 3}, by_id=None)

        values = {**NAMES, "unit": "pc", "is_retired": "on"}
        answer = post(desk, "change-part", values, "m")

        assert answer.status_code == 409
        assert "3 pieces still lie there" in answer.content.decode()
        assert not models.Part.objects.get().is_retired

    def test_an_empty_vehicle_is_retired(self, desk):
        post(desk, "new-store", {"code": "V", "name": "Van", "is_vehicle": "on"})

        values = {"name": "Van", "is_vehicle": "on", "is_retired": "on"}
        assert post(desk, "change-store", values, "V").status_code == 302
        assert models.Store.objects.get().is_retired

    def test_a_difference_waits_until_it_is_settled(self, desk, depot):
        post(desk, "new-part", {"code": "m", **NAMES, "unit": "pc"})
        (found,) = stock.count("D", {"m": 2}, by_id=None)
        assert "too low" in desk.get(reverse("fieldwork:differences")).content.decode()

        answer = post(desk, "settle", {"note": "Delivered without a note."}, found.pk)

        assert answer.status_code == 302
        assert found.settlement.note == "Delivered without a note."
        assert "too low" not in desk.get(reverse("fieldwork:differences")).content.decode()


class TestSentTwice:
    """A double click counts once."""

    @pytest.fixture
    def stocked(self, desk, depot):
        post(desk, "new-part", {"code": "m", **NAMES, "unit": "pc"})
        post(desk, "new-store", {"code": "V", "name": "Van", "is_vehicle": "on"})
        stock.move(stock.Way(contracts.Moved.RECEIVED, to_code="D"), {"m": 9}, by_id=None)
        return models.Part.objects.get()

    @pytest.mark.parametrize("key", ["a", ""])
    def test_moves_parts_once(self, desk, stocked, key):
        said = {
            "why": "loaded", "part": stocked.pk, "quantity": "2", "form_key": key,
            "from_store": models.Store.objects.get(code="D").pk,
            "to_store": models.Store.objects.get(code="V").pk,
        }  # fmt: skip

        for _ in range(2):
            assert post(desk, "move", said).status_code == 302

        # Without a key the form does not come from a page: each counts.
        assert models.Stock.objects.get(store__code="V").quantity == (2 if key else 4)

    def test_counts_a_store_once(self, desk, stocked):
        # The second of the two would find what was loaded between them, and book it away again.
        said = {
            "store": models.Store.objects.get(code="D").pk, "part": stocked.pk, "quantity": "8",
            "form_key": "a",
        }  # fmt: skip
        post(desk, "count", said)
        stock.move(stock.Way(contracts.Moved.RECEIVED, to_code="D"), {"m": 5}, by_id=None)

        post(desk, "count", said)

        assert models.Stock.objects.get(store__code="D").quantity == 13

    def test_hands_parts_over_once(self, desk, stocked):
        said = {"part": "m", "quantity": "3", "source": "D", "target": "V", "form_key": "a"}

        for _ in range(2):
            post(desk, "transfer", said)

        assert models.Stock.objects.get(store__code="V").quantity == 3

    def test_asks_for_one_job(self, desk, street):
        said = {"title": "Leak", "kind": "repair", "priority": "normal", "asset_code": "p2",
                "form_key": "a"}  # fmt: skip

        first, again = (post(desk, "new-job", said) for _ in range(2))

        assert models.Job.objects.count() == 1
        assert again["Location"] == first["Location"]

    @pytest.mark.parametrize("name", ["move", "count", "new-job", "new-crew", "new-type"])
    def test_is_told_by_a_key_of_the_page(self, desk, name):
        assert 'name="form_key"' in desk.get(reverse(f"fieldwork:{name}")).content.decode()


class TestPermission:
    @pytest.mark.parametrize("name", ["new-skill", "new-pattern", "new-type", "new-part"])
    def test_a_crew_may_not_change_what_the_office_sets_up(self, browser, crew, name):
        assert browser(crew).get(reverse(f"fieldwork:{name}")).status_code == 403
