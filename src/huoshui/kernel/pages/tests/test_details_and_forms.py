"""Details and forms made by the kit."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation
from django.utils.html import format_html

from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import formats, kit

NEW = "/test/people/new/"


class TestDetailPage:
    def test_shows_facts_with_units_and_a_dash_for_the_unknown(self, reader):
        page = reader.get(f"/test/people/{User.objects.get().pk}/").content.decode()

        assert "12.5 <small>m</small>" in page
        assert 'hs-nothing">–<' in page

    def test_keeps_the_lines_that_people_wrote(self):
        assert kit.Fact("Details", "dig < 1 m\nfill").shown == "dig &lt; 1 m<br>fill"
        assert kit.Fact("Details", format_html("<b>{}</b>", "\n")).shown == "<b>\n</b>"

    def test_offers_buttons_that_ask_first_and_cannot_be_forged(self, reader):
        page = reader.get(f"/test/people/{User.objects.get().pk}/").content.decode()

        assert 'data-confirm="Really &lt;remove&gt;?"' in page
        assert page.count("csrfmiddlewaretoken") > 1

    def test_answers_404_for_what_is_not_there(self, reader):
        assert reader.get("/test/people/999999/").status_code == 404


class TestShortDay:
    @pytest.mark.parametrize(("language", "shown"), [("en", "1 Mar"), ("zh-hans", "03-01")])
    def test_is_read_alike_by_everybody(self, language, shown):
        with translation.override(language):
            assert formats.short_day(date(2026, 3, 1)) == shown


class TestFormPage:
    def test_keeps_what_was_typed_and_says_what_is_wrong(self, reader):
        response = reader.post(NEW, {"name": "Bartholomew"})

        page = response.content.decode()
        assert response.status_code == 422
        assert 'value="Bartholomew"' in page
        assert "is-invalid" in page

    def test_shows_one_dash_where_nothing_is_chosen(self, reader):
        page = reader.get(NEW).content.decode()

        assert '<option value="" selected>—</option>' in page
        assert "-----" not in page

    def test_shows_a_refusal_at_the_top_with_the_next_step(self, reader):
        response = reader.post(NEW, {"name": "Bob"})

        page = response.content.decode()
        assert response.status_code == 409
        assert "No Bob here." in page
        assert "Choose another name." in page
        assert 'value="Bob"' in page

    def test_asks_again_for_a_moment_at_the_end_of_the_calendar(self, reader):
        response = reader.post(NEW, {"name": "Ann", "at": "0001-01-01T00:00"})

        assert response.status_code == 422

    def test_goes_on_when_it_is_done_and_reads_moments_by_the_citys_clock(self, reader):
        response = reader.post(NEW, {"name": "Ann", "at": "2026-03-01T18:00"})

        assert response.status_code == 302
        assert response["Location"] == "/test/people/"
        assert reader.session["at"] == "2026-03-01 18:00:00+08:00"
