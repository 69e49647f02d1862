"""The ways to look at the cases of one kind: board, calendar, map, figures, and working days."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest

from huoshui.kernel import cases, clock
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.cases import workdays
from huoshui.kernel.cases.web import registering


@pytest.fixture
def desk(people, browser):
    return browser(people.desk)


@pytest.fixture
def boss(people, browser):
    return browser(people.boss)


def text(response) -> str:
    return response.content.decode()


WAYS = ("board", "calendar", "map", "figures")


class TestWays:
    @pytest.mark.parametrize("way", WAYS)
    def test_are_open_to_those_who_read_the_kind_alone(self, people, browser, keys, way):
        address = f"/cases/office.lost_key/{way}/"
        stranger = people.add("stranger", "crew")

        assert browser(people.guest).get(address).status_code == 200
        assert browser(stranger).get(address).status_code == 403

    @pytest.mark.parametrize("way", WAYS)
    def test_cost_the_same_for_few_cases_and_for_many(
        self, desk, opened, way, django_assert_max_num_queries
    ):
        opened(lon=113.6, lat=34.7)
        desk.get(f"/cases/office.lost_key/{way}/")
        with django_assert_max_num_queries(100) as few:
            desk.get(f"/cases/office.lost_key/{way}/")
        for number in range(5):
            opened(f"Key {number}")

        with django_assert_max_num_queries(len(few)):
            assert desk.get(f"/cases/office.lost_key/{way}/").status_code == 200

    def test_lead_to_each_other(self, desk, keys):
        page = text(desk.get("/cases/office.lost_key/"))

        for way in ("board", "calendar", "figures"):
            assert f'href="/cases/office.lost_key/{way}/"' in page


class TestBoard:
    def test_has_a_column_for_each_state_with_its_count(self, desk, people, opened):
        opened("One"), opened("Two")
        moved = opened("Three")
        cases.act(moved.number, "search", by_id=people.desk.pk)

        page = text(desk.get("/cases/office.lost_key/board/"))

        assert "Reported<span>2</span>" in page
        assert "Being looked for<span>1</span>" in page
        assert page.index("Being looked for<span>") < page.index(moved.number)

    def test_tells_a_card_which_steps_need_no_form(self, desk, opened):
        opened()

        page = text(desk.get("/cases/office.lost_key/board/")).replace("&quot;", '"')

        assert '"code": "search", "label": "Look for it", "to": "searched"' in page
        assert '/do/search/", "direct": true' in page
        assert '/do/give_up/", "direct": false' in page

    def test_gives_its_columns_alone_when_it_refreshes(self, desk, opened):
        opened()

        answer = desk.get("/cases/office.lost_key/board/", headers={"HX-Request": "true"})

        assert text(answer).strip().startswith('<section id="board"')


class TestCalendar:
    def test_puts_a_case_on_the_day_it_is_due(self, desk, opened):
        opened("Key of the gate")

        page = text(desk.get("/cases/office.lost_key/calendar/?span=week&day=2026-02-12"))

        day = page[page.index('aria-label="12 Feb 2026"') :]
        assert "10:30 Key of the gate" in day[: day.index("</section>")]

    def test_says_that_nothing_is_due_where_a_phone_would_show_nothing(self, desk, opened):
        opened()

        busy = text(desk.get("/cases/office.lost_key/calendar/?span=week&day=2026-02-12"))
        calm = text(desk.get("/cases/office.lost_key/calendar/?span=week&day=2026-06-12"))

        assert "No open case is due in this time." not in busy
        assert "No open case is due in this time." in calm

    def test_says_which_days_are_off_and_which_are_swapped(self, desk, keys, at_ten):
        page = text(desk.get("/cases/office.lost_key/calendar/?day=2026-02-12"))

        # Spring Festival 2026: 15 to 23 February off, the Saturdays 14 and 28 worked.
        saturday = page[page.index('aria-label="14 Feb 2026"') :]
        assert "swapped, people work" in saturday[: saturday.index("</section>")]
        assert page.count("cs-free") >= 9

    def test_leads_to_the_rest_of_a_full_day(self, desk, opened):
        for number in range(6):
            opened(f"Key {number}")

        page = text(desk.get("/cases/office.lost_key/calendar/"))

        assert "2 more" in page
        assert "due_from=2026-02-12&amp;due_to=2026-02-12" in page


class TestFigures:
    @pytest.fixture
    def lived(self, people, opened):
        """One case given up on time, one still open."""
        case = opened("Given up")
        cases.act(case.number, "search", by_id=people.desk.pk)
        clock.advance(timedelta(hours=2))
        cases.act(case.number, "give_up", by_id=people.second.pk, note="Gone")
        opened("Still open")
        return case

    def test_count_what_was_opened_and_ended(self, desk, lived):
        page = text(desk.get("/cases/office.lost_key/figures/"))

        assert "2026-02" in page
        assert "Time in each state" in page
        assert "2 h" in page

    def test_name_states_and_deadlines_in_the_order_of_the_kind(self, desk, lived):
        shown = desk.get("/cases/office.lost_key/figures/").context

        assert [one["label"] for one in shown["states"]] == ["Reported", "Being looked for"]

    def test_are_given_as_excel_by_person(self, desk, lived):
        from python_calamine import CalamineWorkbook

        answer = desk.get("/cases/office.lost_key/figures/?by=owner&format=xlsx")

        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        heads, row = book.get_sheet_by_index(0).to_python()
        assert heads[:3] == ["Group", "Opened", "Done"]
        assert row[:2] == ["Nobody responsible", 2.0]


class TestWorkingDays:
    def test_show_holidays_and_swapped_days_of_a_year(self, desk, at_ten):
        page = text(desk.get("/cases/working-days/?year=2026"))

        assert "Swapped: people work" in page
        assert "春节" in page or "Spring Festival" in page

    def test_are_set_by_those_who_may_and_recorded(self, boss, at_ten):
        form = {"day": "2026-03-02", "until": "2026-03-03", "is_working": "no", "note": "Flood"}

        answer = boss.post("/cases/working-days/set/", form)

        assert answer.status_code == 302
        assert not workdays.is_working_day(date(2026, 3, 3))
        assert AuditRecord.objects.filter(action="cases.day_set").count() == 2
        assert "Flood" in text(boss.get("/cases/working-days/?year=2026"))

        boss.post("/cases/working-days/2026-03-03/clear/")
        assert workdays.is_working_day(date(2026, 3, 3))

    @pytest.mark.parametrize("address", ["set", "2026-03-03/clear"])
    def test_are_not_set_by_others(self, desk, at_ten, address):
        assert desk.get(f"/cases/working-days/{address}/").status_code == 403
        assert desk.post(f"/cases/working-days/{address}/").status_code == 403


class TestStream:
    def test_tells_which_kinds_changed_and_no_more(self, people, opened):
        begin, nothing = registering.changes(None)
        assert nothing == []

        opened()
        after, items = registering.changes(begin)

        assert items == [{"key": "office.lost_key"}]
        assert registering.changes(after) == (after, [])
