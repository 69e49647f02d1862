"""The frame: menu, language, theme, words for the islands and the demo's clock."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.pages import formats, menu, strings

ICONS = Path(menu.__file__).parent / "static/pages/icons.svg"


class TestMenu:
    def test_shows_a_reader_only_what_they_may_open(self, reader, monkeypatch):
        monkeypatch.setattr(menu, "_entries", {})
        menu.add("work", "People", "people", "accounts.manage")
        menu.add("work", "Secrets", "colours", "accounts.nobody_has_this")

        page = reader.get("/test/people/").content.decode()

        assert re.search(r'href="/test/people/" aria-current="page"', page)
        assert "Secrets" not in page

    def test_leads_to_one_thing_of_many_by_the_rest_of_its_address(self, reader, monkeypatch):
        monkeypatch.setattr(menu, "_entries", {})
        for language in ("en", "zh-hans"):
            menu.add("work", language, "pages:strings", "accounts.manage", args=(language, "now"))

        page = reader.get("/test/people/").content.decode()

        assert 'href="/pages/words/en.now.json"' in page
        assert 'href="/pages/words/zh-hans.now.json"' in page

    def test_keeps_a_block_closed_but_not_that_of_the_present_page(self, reader, monkeypatch):
        monkeypatch.setattr(menu, "_entries", {})
        menu.add("work", "People", "people", "accounts.manage")
        menu.add("system", "Colours", "colours", "accounts.manage")
        reader.cookies[menu.CLOSED_COOKIE] = "work.system.nonsense"

        page = reader.get("/test/people/").content.decode()
        assert '<details data-menu-group="work" open>' in page
        assert '<details data-menu-group="system">' in page

    def test_is_looked_through_by_typing_where_it_is_long(self, reader, monkeypatch):
        monkeypatch.setattr(menu, "_entries", {})
        for number in range(menu.SEARCHED_FROM):
            assert "data-menu-search" not in reader.get("/test/people/").content.decode()
            args = ("en", str(number))
            menu.add("work", f"Line {number}", "pages:strings", "accounts.manage", args=args)

        assert "data-menu-search" in reader.get("/test/people/").content.decode()

    def test_refuses_a_group_that_does_not_exist(self):
        with pytest.raises(ValueError, match="unknown menu group"):
            menu.add("nowhere", "X", "people", "accounts.manage")

    def test_uses_only_icons_that_the_sprite_has(self):
        drawn = set(re.findall(r'symbol id="([^"]+)"', ICONS.read_text()))

        assert {entry.icon for entry in menu.entries()} <= drawn


class TestLanguageAndTheme:
    def test_are_kept_for_the_browser_and_the_user(self, reader):
        reader.post("/pages/language/", {"language": "zh-hans"})
        reader.post("/pages/theme/", {"theme": "dark"})

        page = reader.get("/test/people/").content.decode()
        assert '<html lang="zh-hans" data-theme="dark"' in page

    def test_never_lead_to_another_site(self, reader):
        response = reader.post(
            "/pages/language/", {"language": "en", "next": "https://evil.example/"}
        )

        assert response["Location"] == "/"


class TestWords:
    def test_are_served_under_an_address_that_changes_with_them(self, client, db):
        url = strings.url("zh-hans")

        response = client.get(url)

        assert "immutable" in response["Cache-Control"]
        words = json.loads(response.content)
        assert all(isinstance(text, str) for text in words.values())

    def test_under_an_old_address_are_not_kept(self, client, db):
        assert client.get("/pages/words/en.0123.json")["Cache-Control"] == "no-cache"
        assert client.get("/pages/words/fr.0123.json").status_code == 404


@pytest.mark.usefixtures("in_demo")
class TestDemoClock:
    def test_is_shown_and_its_speed_can_be_changed(self, reader):
        clock.set_now(datetime(2026, 3, 1, 10, tzinfo=UTC), times=0)
        assert "1 Mar 2026 18:00" in reader.get("/test/people/").content.decode()

        answer = reader.post(
            "/pages/demo-clock/", {"speed": "300"}, headers={"Accept": "application/json"}
        )

        assert answer.status_code == 200, answer.json()
        assert answer.json()["speed"] == 300
        assert clock.speed() == 300
        assert AuditRecord.objects.filter(action="pages.demo_clock_changed").count() == 1

    def test_refuses_a_speed_that_nobody_offers(self, reader):
        answer = reader.post(
            "/pages/demo-clock/", {"speed": "99999"}, headers={"Accept": "application/json"}
        )

        assert answer.status_code == 422

    def test_runs_to_a_moment_of_the_citys_clock(self, reader):
        clock.set_now(datetime(2026, 3, 1, 10, tzinfo=UTC), times=0)
        assert 'value="2026-03-02T04:30"' in reader.get("/test/people/").content.decode()

        answer = reader.post("/pages/demo-clock/", {"go_to": "2026-03-02T04:30", "next": "/x/"})

        assert answer["Location"] == "/x/"
        assert clock.speed() == clock.SPEED_MAX
        assert clock.settled_speed() == 0
        record = AuditRecord.objects.get(action="pages.demo_clock_changed")
        assert record.detail == {"run_to": "2026-03-02T04:30:00+08:00"}

    @pytest.mark.parametrize(
        "asked", ["2026-03-01T17:59", "2026-04-20T00:00", "2026-02-30T00:00", "tomorrow", ""]
    )
    def test_refuses_a_moment_it_cannot_run_to(self, reader, asked):
        clock.set_now(datetime(2026, 3, 1, 10, tzinfo=UTC), times=0)
        asking = {"go_to": asked, "next": "/test/people/"}

        answer = reader.post("/pages/demo-clock/", asking, headers={"Accept": "application/json"})
        assert answer.status_code == 422
        assert clock.now() == datetime(2026, 3, 1, 10, tzinfo=UTC)

        # A person who used the bar stays on the page and reads why.
        page = reader.post("/pages/demo-clock/", asking, follow=True)
        assert page.redirect_chain == [("/test/people/", 302)]
        assert "goes forward only" in page.content.decode()


def test_no_demo_has_no_clock_to_change(reader):
    assert reader.post("/pages/demo-clock/", {"speed": "300"}).status_code == 403


class TestLanding:
    @pytest.fixture(autouse=True)
    def _places(self, settings):
        settings.LANDING = {"administrator": "colours", "crew": "people"}

    def test_is_the_first_page_of_the_post(self, reader):
        assert reader.get("/pages/landing/")["Location"] == "/test/colours/"

    def test_is_the_front_page_where_that_page_is_not_there(self, reader, settings):
        settings.LANDING = {"administrator": "nowhere"}

        assert reader.get("/pages/landing/")["Location"] == "/"


class TestGoTo:
    def test_offers_letters_for_what_a_reader_may_open(self, reader, monkeypatch, settings):
        settings.GO_TO_KEYS = {"p": "people", "s": "colours"}
        monkeypatch.setattr(menu, "_entries", {})
        menu.add("work", "People", "people", "accounts.manage")
        menu.add("work", "Secrets", "colours", "accounts.nobody_has_this")

        page = reader.get("/test/people/").content.decode()

        assert 'data-go="p" data-url="/test/people/"' in page
        assert 'data-go="s"' not in page


class TestIslandTag:
    def test_carries_values_safely(self):
        template = Template('{% load huoshui %}{% island "a/b" props height="320px" %}')

        html = template.render(Context({"props": {"text": "</div>\"'&"}}))

        assert "</div>&quot;" not in html
        assert 'data-island="a/b"' in html
        assert 'data-height="320px"' in html


class TestFormats:
    @pytest.mark.parametrize(
        ("value", "how", "english", "chinese"),
        [
            (1234.5, ".1f", "1,234.5", "1,234.5"),
            (-3, "", "−3", "−3"),
            (None, ".1f", "–", "–"),
            (float("nan"), ".1f", "–", "–"),
            (
                datetime(2026, 3, 1, 10, tzinfo=UTC),
                "moment",
                "1 Mar 2026 18:00",
                "2026-03-01 18:00",
            ),
            (0.125, "percent", "12.5 %", "12.5 %"),
            (90061, "duration", "1 day 1 h", "1 天 1 小时"),
            (0, "duration", "0 s", "0 秒"),
            (True, "", "Yes", "是"),
        ],
    )
    def test_follow_the_language_and_the_citys_clock(self, value, how, english, chinese):
        with translation.override("en"):
            assert formats.text(value, how) == english
        with translation.override("zh-hans"):
            assert formats.text(value, how) == chinese


def test_the_frame_can_be_drawn_before_anybody_was_recognised(db):
    request = RequestFactory().get("/nowhere/")

    assert "hs-stop" in Template('{% include "404.html" %}').render(Context({"request": request}))
