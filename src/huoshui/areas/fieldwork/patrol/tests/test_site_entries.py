"""What phones write down at construction sites: once, with its picture, or refused in words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import handing, kinds, site_actions
from huoshui.areas.fieldwork.phone.tests.conftest import jpeg, sha
from huoshui.areas.network import facade as network
from huoshui.kernel import clock


@pytest.fixture
def site(street):
    lon, lat = network.places(["p2"])["p2"]
    return site_actions.register_site(
        values={"name": "Basement", "builder": "Hongda", "lon": lon, "lat": lat, "near_m": 50.0,
                "machine": "excavator", "depth_m": 2.0,
                "begin_date": clock.local(clock.now()).date()},
        by_id=None,
    )  # fmt: skip


def seen(phone, site, what="visited", **more):
    return phone.entry("site", "", site=site.number, what=what, **more)


class TestASiteOnAPhone:
    def test_is_visited_at_the_moment_of_the_phone_and_once(self, phone, site, crew):
        entry = seen(phone, site, person="Liu", note="digging beside p2")
        receipts = phone.send(entry) + phone.send(entry)
        site.refresh_from_db()
        event = site.events.get(what="visited")

        assert [one["outcome"] for one in receipts] == ["taken", "taken"]
        assert (event.by_id, event.person, event.note) == (crew.pk, "Liu", "digging beside p2")
        assert site.visited_at == event.at

    def test_damage_asks_for_its_repair(self, phone, site):
        phone.send(seen(phone, site, "damaged", asset_code="p2", note="hit by a bucket"))
        event = site.events.get(what="damaged")

        assert event.job is not None
        assert (event.job.asset_code, event.job.priority) == ("p2", "urgent")

    @pytest.mark.parametrize(
        ("what", "more", "code"),
        [
            ("damaged", {}, "fieldwork.entry_not_valid"),
            ("disclosed", {}, "fieldwork.entry_not_valid"),
            ("damaged", {"asset_code": "gone"}, "fieldwork.unknown_place"),
            ("finished", {}, "fieldwork.entry_not_valid"),
        ],
    )
    def test_refuses_what_is_not_whole(self, phone, site, what, more, code):
        (receipt,) = phone.send(seen(phone, site, what, **more))

        assert (receipt["outcome"], receipt["code"]) == ("refused", code)
        assert site.events.count() == 1  # that it was registered

    def test_says_what_a_finished_site_refuses(self, phone, site, crew):
        site_actions.note_at_site(site.number, kinds.SiteStep.FINISHED, by_id=crew.pk)
        (receipt,) = phone.send(seen(phone, site))

        assert receipt["outcome"] == "refused"
        assert site.number in receipt["message"]

    def test_is_not_for_posts_without_sites(self, phone, site, monkeypatch):
        # Every post that may use the phone may note sites as well; a post made here need not.
        nobody = SimpleNamespace(holds=lambda *_given: False)
        monkeypatch.setattr(handing, "permissions", nobody)
        (receipt,) = phone.send(seen(phone, site))

        assert receipt["code"] == "fieldwork.not_for_sites"

    def test_its_picture_is_awaited_on_the_page_and_then_shown(
        self, phone, site, browser, dispatcher
    ):
        picture = jpeg()
        phone.send(seen(phone, site, hash=sha(picture), size=len(picture)))
        url = reverse("patrol:site", args=[site.number])
        desk = browser(dispatcher)
        before = desk.get(url).content.decode()
        phone.put(picture)
        after = desk.get(url).content.decode()

        assert "still on the phone" in before
        assert "still on the phone" not in after
        assert models.SiteEvent.objects.get(what="visited").photo_hash == sha(picture)

    def test_is_carried_with_the_pipes_near_by(self, phone, site):
        (found,) = phone.client.get(reverse("api:fieldwork-patrol-rounds")).json()["sites"]

        assert (found["number"], found["is_late"], found["is_disclosed"]) == (
            site.number, False, False,
        )  # fmt: skip
        assert found["pipes"][0][0] == "p2"
