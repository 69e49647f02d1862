"""The pages of maintenance."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.fieldwork.upkeep import actions, asking, importing, queries, refusals
from huoshui.areas.fieldwork.upkeep.tests.test_asking import finish
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock
from huoshui.kernel.intake import tables

FORM = {
    "name": "Turn the valve", "asset_code": "p2", "every_days": "90", "from_month": "1",
    "until_month": "12", "ahead_days": "7", "done_date": "2026-01-10",
}  # fmt: skip


@pytest.fixture
def desk(browser, dispatcher):
    return browser(dispatcher)


class TestPlans:
    def test_lists_the_soonest_due_first_and_filters_the_overdue(self, make_plan, desk):
        make_plan("LATER", every_days=300)
        make_plan("OVER", done_date=date(2025, 6, 1))
        page = desk.get(reverse("upkeep:plans")).content.decode()
        overdue = desk.get(reverse("upkeep:plans"), {"show": "overdue"}).content.decode()

        assert page.index(">OVER<") < page.index(">LATER<")
        assert "OVER" in overdue
        assert ">LATER<" not in overdue

    def test_exports_to_excel(self, make_plan, desk, tmp_path):
        make_plan()
        answer = desk.get(reverse("upkeep:plans"), {"format": "xlsx"})
        path = tmp_path / "plans.xlsx"
        path.write_bytes(b"".join(answer))
        rows = [list(row.values.values()) for row in tables.open_table(path).rows]

        assert rows[0][:3] == ["P1", "Grease the spindle", "Due within a week"]

    def test_asks_for_many_at_once(self, make_plan, desk):
        rows = [make_plan("A"), make_plan("B", asset_code="p1")]
        desk.post(reverse("upkeep:plans"), {"bulk": "ask", "id": [one.pk for one in rows]})

        assert models.Job.objects.count() == 2

    def test_says_how_well_it_was_kept(self, make_plan, desk, crew, dispatcher):
        make_plan("A")
        make_plan("B", asset_code="p1", done_date=date(2025, 11, 1))
        asking.look(NOW)
        for job in list(models.Job.objects.all()):
            finish(job.number, crew, dispatcher)
        asking.look(NOW)
        found = queries.compliance([date(2025, 12, 1), date(2026, 3, 1)], date(2026, 3, 31))

        # A was due on 3 March and done on the second; B was due on 1 December.
        assert (found.whole.due, found.whole.on_time, found.whole.late) == (2, 1, 1)
        assert found.months[date(2026, 3, 1)].rate_frac == 1.0
        assert desk.get(reverse("upkeep:kept")).status_code == 200


class TestOnePlan:
    def test_shows_its_history(self, make_plan, desk, crew, dispatcher):
        make_plan()
        asking.look(NOW)
        number = models.Job.objects.get().number
        finish(number, crew, dispatcher)
        asking.look(NOW)
        page = desk.get(reverse("upkeep:plan", args=["P1"])).content.decode()

        assert number in page
        assert "greased" in page

    def test_is_made_changed_and_retired(self, make_plan, greasing, desk):
        form = {**FORM, "job_type": greasing.pk}
        made = desk.post(reverse("upkeep:new"), form)
        plan = models.MaintenancePlan.objects.get()
        assert made.url == reverse("upkeep:plan", args=[plan.code])
        assert (plan.code, plan.due_date) == ("BY-0001", date(2026, 4, 10))

        desk.post(reverse("upkeep:change", args=[plan.code]), {**form, "every_days": "30"})
        plan.refresh_from_db()
        assert plan.due_date == date(2026, 2, 9)

        desk.post(reverse("upkeep:retire", args=[plan.code]), {"reason": "taken out"})
        plan.refresh_from_db()
        assert plan.is_retired

        desk.post(reverse("upkeep:change", args=[plan.code]), form)
        plan.refresh_from_db()
        assert not plan.is_retired

    def test_says_beside_the_field_what_is_wrong(self, make_plan, greasing, desk):
        wrong = {**FORM, "job_type": greasing.pk, "asset_code": "nowhere", "every_days": "",
                 "heat_from": "12:00"}  # fmt: skip
        answer = desk.post(reverse("upkeep:new"), wrong)
        page = answer.content.decode()

        assert answer.status_code == 422
        assert "no asset nowhere" in page
        assert "Say every how many days" in page
        assert "The heat rule needs" in page

    def test_refuses_to_ask_for_a_job_as_early_as_the_one_before(self, make_plan, greasing, desk):
        form = {**FORM, "job_type": greasing.pk, "every_days": "7"}
        answer = desk.post(reverse("upkeep:new"), form)

        assert answer.status_code == 422
        assert "due again as soon as it is done" in answer.content.decode()
        assert desk.post(reverse("upkeep:new"), {**form, "ahead_days": "6"}).status_code == 302

    def test_is_made_once_by_a_double_click(self, make_plan, greasing, desk):
        form = {**FORM, "job_type": greasing.pk, "form_key": "a"}
        assert 'name="form_key"' in desk.get(reverse("upkeep:new")).content.decode()

        for _ in range(2):
            assert desk.post(reverse("upkeep:new"), form).status_code == 302

        assert models.MaintenancePlan.objects.count() == 1

    def test_does_not_overwrite_a_plan_of_the_same_number(self, make_plan, greasing, desk):
        make_plan("P1")
        form = {**FORM, "job_type": greasing.pk, "code": "P1"}

        assert desk.post(reverse("upkeep:new"), form).status_code == 422
        assert models.MaintenancePlan.objects.get().name == "Grease the spindle"

    def test_takes_what_was_done_without_a_job(self, make_plan, desk):
        make_plan()
        desk.post(reverse("upkeep:done", args=["P1"]), {"day": "2026-03-01"})
        plan = models.MaintenancePlan.objects.get()

        assert (plan.done_date, plan.due_date) == (date(2026, 3, 1), date(2026, 3, 31))
        with pytest.raises(refusals.DayNotYet):
            actions.record_done("P1", date(2026, 3, 3), by_id=None)

    def test_is_asked_for_by_a_button(self, make_plan, desk):
        make_plan(ahead_days=0)
        answer = desk.post(reverse("upkeep:ask", args=["P1"]))

        assert answer.url == reverse("fieldwork:job", args=[models.Job.objects.get().number])

    def test_is_shown_on_the_pages_of_its_asset_and_its_job(self, make_plan, desk):
        make_plan(wants_photos=True)
        asking.look(NOW)
        number = models.Job.objects.get().number
        asset = desk.get(reverse("network:asset", args=["p2"])).content.decode()
        job = desk.get(reverse("fieldwork:job", args=[number])).content.decode()

        assert reverse("upkeep:plan", args=["P1"]) in asset
        assert "still needed" in job


class TestCalendar:
    def test_shows_what_was_due_and_what_will_be(self, make_plan, desk):
        make_plan("SOON")
        make_plan("PAST", name="Sweep", every_days=1, is_routine=True, ahead_days=0,
                  done_date=date(2026, 2, 26))  # fmt: skip
        with clock.frozen(NOW):
            asking.look(NOW)
        page = desk.get(reverse("upkeep:calendar"), {"day": "2026-03-15"}).content.decode()

        assert "Grease the spindle" in page
        assert "Missed" in page
        assert desk.get(reverse("upkeep:calendar"), {"day": "nonsense"}).status_code == 200


class TestImport:
    HEAD = "计划编号,保养项目,设施编号,工单类型,周期天数,上次日期,前后照片,开始时间\n"

    def bring(self, tmp_path, rows, by_id=None):
        path = tmp_path / "plans.csv"
        path.write_text(self.HEAD + rows, encoding="utf-8")
        checked = importing.check(path, "plans.csv", {})
        before = models.MaintenancePlan.objects.count()
        done = importing.carry_out(path, "plans.csv", {}, by_id)
        assert (checked.created, checked.left_out) == (done.created, done.left_out)
        return before, done

    def test_makes_plans_and_names_what_is_wrong_row_by_row(self, make_plan, tmp_path):
        before, done = self.bring(
            tmp_path,
            "B1,润滑阀杆,p2,润滑保养,90,2026-01-10,是,8:10\n"
            "B2,润滑阀杆,nowhere,greasing,90,2026-01-10,,\n"
            "B3,润滑阀杆,p2,unheard,90,2026-01-10,,\n"
            "B4,润滑阀杆,p2,greasing,,2026-01-10,,25:00\n"
            "B1,again,p2,greasing,30,2026-01-10,,\n",
        )
        wrong = {(one.line, one.code) for one in done.problems}

        assert before == 0  # the check changed nothing
        assert (done.created, done.left_out) == (1, 4)
        assert wrong == {
            (3, "fieldwork.upkeep_not_usable"), (4, "fieldwork.job_type_unknown"),
            (5, "fieldwork.hour_unreadable"), (6, "fieldwork.upkeep_row_twice"),
        }  # fmt: skip
        plan = models.MaintenancePlan.objects.get()
        assert (plan.wants_photos, plan.window_from.hour, plan.due_date) == (
            True, 8, date(2026, 4, 10),
        )  # fmt: skip

    def test_changes_what_differs_and_nothing_the_second_time(self, make_plan, tmp_path):
        row = "B1,润滑阀杆,p2,润滑保养,90,2026-01-10,是,\n"
        self.bring(tmp_path, row)
        _before, same = self.bring(tmp_path, row)
        _before, other = self.bring(tmp_path, row.replace(",90,", ",60,"))

        assert (same.unchanged, same.changed) == (1, 0)
        assert (other.changed, other.differences[0].before, other.differences[0].after) == (
            1, "90", "60",
        )  # fmt: skip

    def test_names_the_days_before_that_a_row_leaves_to_the_usual(self, make_plan, tmp_path):
        _before, done = self.bring(tmp_path, "B1,润滑阀杆,p2,润滑保养,7,2026-01-10,,\n")

        assert done.left_out == 1
        assert [str(one.column) for one in done.problems] == [str(importing.LABELS["ahead_days"])]

    def test_leaves_the_hours_to_the_next_look(self, make_plan, tmp_path, monkeypatch):
        asked = []
        monkeypatch.setattr(telemetry, "points", lambda codes: ["a point"])
        monkeypatch.setattr(telemetry, "readings", lambda *given, **named: asked.append(given))
        path = tmp_path / "plans.csv"
        path.write_text(
            "计划编号,保养项目,设施编号,工单类型,运行小时,运行时间测点,上次日期\n"
            "B1,水泵保养,p2,greasing,2000,PUMP.hours,2026-01-10\n", encoding="utf-8",
        )  # fmt: skip
        done = importing.carry_out(path, "plans.csv", {}, None)

        assert (done.created, asked) == (1, [])
        assert asking._worth_a_look(date(2026, 3, 2)) == ["B1"]

    def test_writes_a_template_that_it_reads_itself(self, make_plan, tmp_path):
        path = tmp_path / "template.xlsx"
        with path.open("wb") as out:
            importing.template(out)
        outcome = importing.check(path, "template.xlsx", {})

        assert not outcome.problems.total
        assert outcome.created == 0
