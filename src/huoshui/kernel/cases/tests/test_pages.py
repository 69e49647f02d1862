"""What people see of a case type: everything comes from its declaration."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from huoshui.kernel import cases, clock
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.tests.conftest import lost_key


@pytest.fixture
def desk(people, browser):
    return browser(people.desk)


def text(response) -> str:
    return response.content.decode()


def photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG")
    out.name = "a.jpg"
    out.seek(0)
    return out


class TestList:
    def test_shows_cases_with_their_state_and_what_remains(self, desk, opened):
        case = opened("Key of the store")

        page = text(desk.get("/cases/office.lost_key/"))

        assert case.number in page
        assert "Reported" in page
        assert 'data-tone="good"' in page
        assert "30 min" in page

    def test_says_how_late_a_case_is(self, desk, opened):
        opened()
        clock.advance(timedelta(minutes=95))

        page = text(desk.get("/cases/office.lost_key/?show=late"))

        assert "1 h 5 min late" in page
        assert "hs-row-alert" in page

    def test_turns_yellow_at_the_declared_warning(self, desk, opened):
        opened()
        clock.advance(timedelta(minutes=25))

        assert 'data-tone="warning"' in text(desk.get("/cases/office.lost_key/"))

    def test_shows_open_cases_first_and_finds_closed_ones_by_words(self, desk, people, opened):
        case = opened("Key of the pump house")
        cases.act(case.number, "search", by_id=people.desk.pk)
        cases.act(case.number, "give_up", by_id=people.second.pk, note="It fell into the river.")

        assert case.number not in text(desk.get("/cases/office.lost_key/"))
        assert case.number in text(desk.get("/cases/office.lost_key/?q=pump"))
        assert case.number in text(desk.get("/cases/office.lost_key/?show=closed"))

    def test_is_refused_without_the_permission_to_read(self, people, browser, keys, monkeypatch):
        stranger = people.add("stranger", "crew")

        assert browser(stranger).get("/cases/office.lost_key/").status_code == 403

    def test_does_not_know_a_kind_that_nobody_declared(self, desk, keys):
        assert desk.get("/cases/office.nothing/").status_code == 404

    def test_takes_a_step_for_many_cases_and_says_which_refused(self, desk, people, opened):
        one, other = opened("One"), opened("Other")
        cases.act(other.number, "search", by_id=people.desk.pk)
        ids = list(Case.objects.values_list("pk", flat=True))

        response = desk.post(
            "/cases/office.lost_key/?show=everything",
            {"bulk": "step_search", "id": ids},
            follow=True,
        )

        assert Case.objects.get(number=one.number).state == "searched"
        assert "1 case was left as it is." in text(response)
        assert other.number in text(response)

    def test_gives_excel_with_the_columns_of_the_fields(self, desk, opened):
        from python_calamine import CalamineWorkbook

        opened("Key", fields={"room": "Cellar"})

        answer = desk.get(
            "/cases/office.lost_key/?format=xlsx&cols=number,title,state,left,field_room"
        )

        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        heads, row = book.get_sheet_by_index(0).to_python()
        assert heads == ["Number", "What", "State", "Time left", "Room"]
        assert row[1:] == ["Key", "Reported", "30 min", "Cellar"]


class TestMine:
    def test_holds_what_waits_for_me_or_my_post(self, desk, people, opened):
        waits, given, others = opened("For the post"), opened("For me"), opened("For another")
        cases.assign(given.number, by_id=people.boss.pk, owner_id=people.desk.pk)
        cases.assign(others.number, by_id=people.boss.pk, owner_id=people.second.pk)

        page = text(desk.get("/cases/mine/"))

        assert waits.number in page
        assert given.number in page
        assert others.number not in page


class TestNewCase:
    def test_asks_for_what_the_declaration_names(self, desk, keys):
        page = text(desk.get("/cases/office.lost_key/new/?room=Cellar&title=Key"))

        assert 'value="Cellar"' in page
        assert "Identity card" in page

    def test_opens_one_case_however_often_it_is_sent(self, desk, keys, at_ten):
        form = {"title": "Key", "f_room": "Cellar", "priority": "high", "key": "abc"}

        first = desk.post("/cases/office.lost_key/new/", form)
        again = desk.post("/cases/office.lost_key/new/", form)

        assert first.status_code == again.status_code == 302
        assert first["Location"] == again["Location"]
        assert Case.objects.get().values["room"] == "Cellar"

    def test_keeps_what_was_typed_where_it_is_refused(self, desk, keys, at_ten):
        form = {"title": "", "f_room": "Cellar", "priority": "normal"}

        response = desk.post("/cases/office.lost_key/new/", form)

        assert response.status_code == 422
        assert 'value="Cellar"' in text(response)

    def test_is_refused_to_those_who_only_read(self, people, browser, keys):
        assert browser(people.guest).get("/cases/office.lost_key/new/").status_code == 403


class TestCasePage:
    def test_shows_deadlines_and_history(self, desk, opened):
        case = opened("Key", fields={"room": "Cellar", "lock": "door"})

        page = text(desk.get(f"/cases/{case.number}/"))

        assert "Begin to look" in page
        assert "5 working days" in page
        assert "Door" in page
        assert "Opened" in page

    def test_offers_only_the_steps_that_a_reader_may_take(self, people, browser, opened):
        case = opened()

        assert "/do/search/" in text(browser(people.desk).get(f"/cases/{case.number}/"))
        assert "/do/search/" not in text(browser(people.guest).get(f"/cases/{case.number}/"))

    def test_is_not_there_for_those_who_may_not_see_it(self, people, browser, opened):
        case = opened()
        stranger = people.add("stranger", "crew")

        assert browser(stranger).get(f"/cases/{case.number}/").status_code == 404

    def test_hides_personal_data_until_asked_and_records_the_reading(self, people, browser, opened):
        case = opened(person={"name": "Wang Wei", "phone": "13812345678"}, fields={"card": "4101"})
        boss = browser(people.boss)

        hidden = text(boss.get(f"/cases/{case.number}/"))
        assert "13812345678" not in hidden
        assert "4101" not in hidden
        assert "Wang Wei" not in hidden

        assert boss.get(f"/cases/{case.number}/personal/").status_code == 302
        seen = text(boss.post(f"/cases/{case.number}/personal/"))
        assert "13812345678" in seen
        assert "4101" in seen
        assert AuditRecord.objects.filter(action="cases.personal_read").count() == 1

    def test_refuses_personal_data_to_those_who_may_not_see_it(self, people, browser, opened):
        case = opened(person={"name": "Wang Wei", "phone": "13812345678"})

        answer = browser(people.guest).post(f"/cases/{case.number}/personal/")

        assert answer.status_code == 403
        assert "13812345678" not in text(answer)

    def test_reads_a_case_whose_kind_was_declared_anew(self, desk, opened, declare):
        case = opened("Key", fields={"room": "Cellar"})
        declare(
            lost_key(
                fields=(cases.Field("shelf", "Shelf"),), transitions=shorter(), clocks=(), pauses=()
            )
        )

        page = text(desk.get(f"/cases/{case.number}/"))

        assert "Room" in page
        assert "Cellar" in page
        assert "no longer part of this kind of case" in page

    def test_is_brought_back_from_a_state_that_is_gone(self, people, browser, opened, declare):
        number = opened("Key").number
        Case.objects.filter(number=number).update(state="lost_for_ever")
        address = f"/cases/{number}/mend/"
        assert address not in text(browser(people.boss).get(f"/cases/{number}/"))
        assert browser(people.boss).get(address).status_code == 403

        mender = people.add("mender", "administrator")
        page = browser(mender)
        assert address in text(page.get(f"/cases/{number}/"))
        page.post(address, {"state": "searched", "note": "The kind was changed."})

        assert cases.case(number).state == "searched"
        assert address not in text(page.get(f"/cases/{number}/"))

    def test_costs_the_same_for_a_short_history_and_for_a_long_one(
        self, desk, people, opened, django_assert_max_num_queries
    ):
        case = opened()
        cases.note(case.number, "First", by_id=people.desk.pk)
        desk.get(f"/cases/{case.number}/")
        with django_assert_max_num_queries(60) as short:
            desk.get(f"/cases/{case.number}/")
        for number in range(8):
            cases.note(case.number, f"Note {number}", by_id=people.second.pk)

        with django_assert_max_num_queries(len(short)):
            assert "Note 7" in text(desk.get(f"/cases/{case.number}/"))

    def test_prints_with_a_code_that_leads_back(self, desk, opened):
        case = opened()

        page = text(desk.get(f"/cases/{case.number}/print/"))

        assert f"http://testserver/cases/{case.number}/" in page
        assert "<svg" in page


def shorter() -> tuple[cases.Transition, ...]:
    """Return the transitions of the tests without the field that one of them needs."""
    from dataclasses import replace

    return tuple(
        replace(one, requires=()) if one.code == "find" else one for one in lost_key().transitions
    )


class TestStep:
    def test_says_what_is_missing_beside_the_field(self, desk, people, opened):
        case = opened()
        cases.act(case.number, "search", by_id=people.desk.pk)

        answer = desk.post(f"/cases/{case.number}/do/find/", {"note": "Under the mat"})

        assert answer.status_code == 422
        assert "This field is required" in text(answer)
        assert "Under the mat" in text(answer)

    def test_takes_the_step_with_its_fields_and_photos(self, desk, people, opened):
        case = opened()
        cases.act(case.number, "search", by_id=people.desk.pk)
        form = {"f_room": "Attic", "note": "Under the mat", "photos": [photo()]}

        desk.post(f"/cases/{case.number}/do/find/", form)

        row = Case.objects.get(number=case.number)
        assert (row.state, row.values["room"]) == ("found", "Attic")
        page = text(desk.get(f"/cases/{case.number}/"))
        assert "Under the mat" in page
        assert "/files/" in page

    def test_keeps_nothing_of_a_refused_step(self, desk, people, opened):
        from huoshui.kernel.files.models import StoredFile

        case = opened()
        form = {"note": "Why", "photos": [photo()]}

        answer = desk.post(f"/cases/{case.number}/do/give_up/", form)

        assert answer.status_code == 422
        assert "a second person" in text(answer)
        assert not StoredFile.objects.exists()

    def test_refuses_to_overwrite_what_somebody_did_meanwhile(self, desk, people, opened):
        case = opened()
        seen = case.revision
        cases.note(case.number, "Ask the porter", by_id=people.second.pk)

        answer = desk.post(f"/cases/{case.number}/do/search/", {"revision": seen})

        assert answer.status_code == 409
        assert "Second" in text(answer)
        assert Case.objects.get().state == "reported"

    def test_is_done_once_however_often_it_is_sent(self, desk, opened):
        case = opened()
        form = {"key": "k1", "note": "Going", "revision": case.revision}

        desk.post(f"/cases/{case.number}/note/", form)
        desk.post(f"/cases/{case.number}/note/", form)

        assert text(desk.get(f"/cases/{case.number}/")).count("Going") == 1

    @pytest.mark.parametrize("deed", ["do/search", "give", "note", "edit", "pause", "relate"])
    def test_is_refused_to_those_who_only_read(self, people, browser, opened, deed):
        case = opened()

        for method in ("get", "post"):
            answer = getattr(browser(people.guest), method)(f"/cases/{case.number}/{deed}/")
            assert answer.status_code == 403

    def test_stops_the_clocks_and_lets_them_go_on(self, desk, opened):
        case = opened()

        desk.post(f"/cases/{case.number}/pause/", {"reason": "away"})
        page = text(desk.get(f"/cases/{case.number}/"))
        assert "The clocks stand still: Nobody there." in page
        assert 'data-tone="paused"' in text(desk.get("/cases/office.lost_key/"))

        desk.post(f"/cases/{case.number}/resume/")
        assert "The clocks stand still" not in text(desk.get(f"/cases/{case.number}/"))

    def test_takes_a_case_up_again_where_the_answer_is_not_content(self, desk, people, opened):
        case = opened()
        cases.act(case.number, "search", by_id=people.desk.pk)
        cases.act(case.number, "find", by_id=people.desk.pk, fields={"room": "Attic"})

        answer = desk.post(
            f"/cases/{case.number}/call-back/",
            {"reached": "yes", "score": "2", "note": "Wrong key"},
        )

        assert answer.status_code == 302
        assert "Reopened once" in text(desk.get(f"/cases/{case.number}/"))

    def test_changes_where_a_case_is(self, people, browser, declare, at_ten):
        declare(lost_key(asks_place=True))
        case = cases.open_case("office.lost_key", "Key", by_id=people.desk.pk)
        address = f"/cases/{case.number}/edit/"
        page = text(browser(people.desk).get(address))
        assert 'name="lon"' in page

        browser(people.desk).post(
            address,
            {"title": "Key", "priority": "normal", "place": "Attic", "lon": "117.01",
             "lat": "36.66", "revision": "1", "field_lock": ""},
        )  # fmt: skip

        row = Case.objects.get(number=case.number)
        assert (row.place, row.lon, row.lat) == ("Attic", 117.01, 36.66)
        assert "117.01000, 36.66000" in text(browser(people.desk).get(f"/cases/{case.number}/"))

    def test_shows_who_is_called_back_to_those_who_see_personal_data(
        self, people, browser, declare, at_ten
    ):
        may = (cases.Permission("read", "See lost keys", ("dispatcher", "viewer")),
               cases.Permission("open", "Report lost keys", ("dispatcher",)),
               cases.Permission("work", "Look for keys", ("dispatcher",)),
               cases.Permission("check", "Hand keys over", ("dispatcher", "viewer")))  # fmt: skip
        declare(lost_key(permissions=may))
        person = {"name": "Wang Wei", "phone": "13812345678"}
        case = cases.open_case("office.lost_key", "Key", by_id=people.desk.pk, person=person)
        cases.act(case.number, "search", by_id=people.desk.pk)
        cases.act(case.number, "find", by_id=people.desk.pk, fields={"room": "Attic"})
        address = f"/cases/{case.number}/call-back/"

        masked = text(browser(people.guest).get(address))
        assert "138****5678" in masked
        assert "13812345678" not in masked
        assert not AuditRecord.objects.filter(action="cases.personal_read").exists()

        assert "13812345678" in text(browser(people.desk).get(address))
        assert AuditRecord.objects.filter(action="cases.personal_read").count() == 1

    def test_relates_two_cases_and_removes_the_relation(self, desk, opened):
        one, other = opened("One"), opened("Other")

        desk.post(f"/cases/{one.number}/relate/", {"how": "part_of", "other": other.number})
        assert "Has the part" in text(desk.get(f"/cases/{other.number}/"))

        desk.post(f"/cases/{one.number}/unrelate/part_of/{other.number}/")
        assert not Case.objects.get(number=one.number).relations.exists()
        assert "Relation removed" in text(desk.get(f"/cases/{other.number}/"))
