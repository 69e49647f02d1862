"""The list page: what it finds, in which order, at what cost, and what leaves in a file."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit import table
from huoshui.kernel.pages.tests import urls
from huoshui.kernel.pages.tests.conftest import add_people

LIST = "/test/people/"


def names(response) -> list[str]:
    return re.findall(r">(p\d{3})</a>", response.content.decode())


def cells_of(response) -> str:
    book = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    return book.read("xl/worksheets/sheet1.xml").decode()


class TestListPage:
    def test_shows_a_page_of_rows_and_how_many_there_are(self, reader):
        add_people(45)

        response = reader.get(LIST)

        assert names(response) == [f"p{n:03d}" for n in range(20)]
        assert "1 to 20 of 45" in response.content.decode()

    def test_costs_the_same_queries_for_one_row_and_for_many(self, reader, still_clock):
        add_people(1)
        reader.get(LIST)  # what this reader keeps of lists is remembered from here on
        with CaptureQueriesContext(
            connection,
        ) as few:
            reader.get(LIST)
        add_people_after_the_first(120)
        with CaptureQueriesContext(connection) as many:
            reader.get(LIST, {"q": "p", "sort": "-name", "page": "2"})

        of_the_list = [q for q in many if '"accounts_user"."username"' in q["sql"]]
        assert len(many) == len(few)
        assert len(few) <= 8
        assert len(of_the_list) <= 4  # the reader, the count, the page

    def test_sorts_by_a_column_both_ways(self, reader):
        add_people(25)

        assert names(reader.get(LIST, {"sort": "-username"}))[0] == "p024"
        assert names(reader.get(LIST, {"sort": "created_at"}))[0] == "p000"

    @pytest.mark.parametrize(
        "query", [{"created_at_to": "9999-12-31"}, {"created_at_from": "0001-01-01"}]
    )
    def test_ignores_a_day_at_the_end_of_the_calendar(self, reader, query):
        add_people(3)

        assert len(names(reader.get(LIST, query))) == 3

    def test_keeps_filters_behind_a_button_on_phones_where_there_are_many(
        self, reader, monkeypatch
    ):
        # The stylesheet hides the third one and those behind it, and the button on wide screens.
        assert "list-more" not in reader.get(LIST).content.decode()

        more = [kit.TextFilter(name, name) for name in ("username", "name")]
        monkeypatch.setattr(urls.People, "filters", (*urls.People.filters, *more))

        page = reader.get(LIST).content.decode()
        assert page.index('id="list-more"') < page.index('id="list-filter"')
        assert 'for="list-more"' in page

    def test_ignores_an_order_that_no_column_offers(self, reader):
        add_people(3)

        assert names(reader.get(LIST, {"sort": "password"})) == ["p000", "p001", "p002"]

    def test_finds_rows_that_contain_every_word(self, reader):
        add_people(30)

        assert names(reader.get(LIST, {"q": "person 17"})) == ["p017"]

    def test_narrows_by_a_choice_and_by_days_of_the_city(self, reader):
        add_people(30)
        # p005 was made 2026-03-06 10:00 UTC, which is 18:00 on the city's clock.
        days = {"created_at_from": "2026-03-06", "created_at_to": "2026-03-07"}

        assert names(reader.get(LIST, days)) == ["p005", "p006"]
        assert names(reader.get(LIST, {**days, "is_active": "False"})) == ["p006"]

    def test_takes_nonsense_in_the_address_for_nothing(self, reader):
        add_people(3)

        for query in (
            {"page": "x"},
            {"page": "-4"},
            {"page": "9" * 30},
            {"created_at_from": "soon"},
        ):
            assert names(reader.get(LIST, query)) == ["p000", "p001", "p002"]

    def test_answers_a_fragment_with_the_list_alone(self, reader):
        add_people(3)

        response = reader.get(LIST, headers={"HX-Request": "true"})

        assert response.content.decode().strip().startswith('<section id="list"')
        assert "HX-Request" in response["Vary"]

    def test_says_what_to_do_when_there_is_nothing(self, reader):
        assert "Add the first person" in reader.get(LIST).content.decode()
        add_people(1)
        assert "Nothing fits this search" in reader.get(LIST, {"q": "zzz"}).content.decode()

    def test_writes_nothing_inline(self, reader):
        add_people(30)

        page = reader.get(LIST).content.decode()

        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\son[a-z]+=", page)

    def test_escapes_what_people_typed(self, reader):
        add_people(1)
        from huoshui.kernel.accounts.models import User

        User.objects.update(name="<b>bold</b>")

        assert "&lt;b&gt;bold" in reader.get(LIST).content.decode()

    def test_is_refused_without_the_permission(self, client, db):
        assert client.get(LIST).status_code == 302


class TestIsLong:
    @pytest.mark.parametrize(
        ("cell", "long"),
        [
            ("", False),
            ("BX2026-00006", False),
            ("2026-02-24 09:00", False),
            ("望岳台", False),
            ("客户服务部", False),
            ("锦绣东城22号楼1单元101室", True),
            ("Reported, to be checked", True),
            ('<a href="/cases/hotline.repair/BX2026-00006/">BX2026-00006</a>', False),
            ('<a href="/x/">水压低，邻居家也一样小</a>', True),
        ],
    )
    def test_lets_words_take_a_second_line_but_no_number_or_moment(self, cell, long):
        assert table.is_long(cell) is long


class TestListOfRowsInMemory:
    def test_searches_sorts_and_keeps_the_unknown_at_the_end(self, reader):
        page = reader.get("/test/colours/").content.decode()
        assert page.index("=1+1") < page.index(">red<") < page.index(">green<")
        assert ">red<" not in reader.get("/test/colours/", {"q": "GREE"}).content.decode()
        assert ">green<" not in reader.get("/test/colours/", {"name": "re d"}).content.decode()


class TestExcel:
    def test_holds_every_row_the_filters_keep(self, reader):
        add_people(45)

        sheet = cells_of(reader.get(LIST, {"format": "xlsx", "is_active": "True"}))

        assert sheet.count("<row ") == 1 + 30
        assert "p044" in sheet
        assert "p042" not in sheet

    def test_keeps_numbers_numbers_and_moments_moments(self, reader):
        add_people(1)

        sheet = cells_of(reader.get(LIST, {"format": "xlsx"}))

        # 2026-03-01 18:00 on the city's clock is 46082.75 days after Excel's beginning.
        assert "<v>46082.75</v>" in sheet
        assert "Size [m]" in sheet
        assert "Gone" in sheet

    def test_never_turns_text_into_a_formula(self, reader):
        sheet = cells_of(reader.get("/test/colours/", {"format": "xlsx"}))

        assert "<f>" not in sheet
        assert "<t>=1+1</t>" in sheet


def add_people_after_the_first(count: int) -> None:
    from huoshui.kernel.accounts.models import User

    User.objects.filter(username="p000").delete()
    add_people(count)


@pytest.mark.parametrize("url", [LIST, "/test/colours/", "/test/people/new/"])
def test_every_page_is_whole_in_chinese_too(reader, url):
    reader.cookies["huoshui_language"] = "zh-hans"

    page = reader.get(url).content.decode()

    assert '<html lang="zh-hans"' in page
    assert "Skip to the content" not in page


class TestGreatLists:
    @pytest.fixture(autouse=True)
    def _counted_to_forty(self, monkeypatch):
        from huoshui.kernel.pages.kit import paging

        monkeypatch.setattr(paging, "COUNT_MAX", 40)

    def test_are_counted_to_a_limit_and_exactly_afterwards(self, reader):
        add_people(65)

        page = reader.get(LIST).content.decode()
        assert "1 to 20 of more than 40" in page
        assert 'hx-get="?format=count"' in page
        assert "65 rows in all" in reader.get(LIST, {"format": "count"}).content.decode()

    def test_go_on_beyond_what_was_counted_to_their_very_end(self, reader):
        add_people(65)

        third = reader.get(LIST, {"page": "3"}).content.decode()
        assert "41 to 60 of more than 60" in third
        assert 'rel="next"' in third
        fourth = reader.get(LIST, {"page": "4"})
        assert names(fourth) == [f"p{n:03d}" for n in range(60, 65)]
        assert "61 to 65 of 65" in fourth.content.decode()
        assert 'rel="next"' not in fourth.content.decode()

    def test_show_the_last_counted_page_where_nothing_is(self, reader):
        add_people(65)

        assert names(reader.get(LIST, {"page": "9999"})) == [f"p{n:03d}" for n in range(20, 40)]
