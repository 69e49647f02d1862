"""Pages, the API and the phone: what is asked for is given, and taken once."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import actions
from huoshui.areas.fieldwork.checks.tests.conftest import GOOD, HOT, NOW
from huoshui.areas.fieldwork.phone.tests.conftest import jpeg, sha


def entry(phone, answers, asset="n1", **more):
    said = {"round": "SB-01", "asset_code": asset, "answers": json.dumps(answers), **more}
    return phone.entry("check", "", **said)


class TestPhone:
    def test_carries_the_rounds_with_what_to_look_at_and_last_time(self, phone, daily, crew):
        actions.take_check("n1", by=crew, answers=HOT, checked_at=NOW, row=daily)
        given = phone.client.get("/api/v1/fieldwork/checks/phone").json()
        (made,) = given["rounds"]
        first, second = made["assets"]

        assert (made["code"], made["standing"]) == ("SB-01", "due")
        assert (first["code"], first["is_done"], first["latest"]["numbers"]) == (
            "n1", True, {"heat": 82.0},
        )  # fmt: skip
        assert "82 °C" in first["latest"]["wrong"]
        assert (second["code"], second["is_done"], second["latest"]) == ("n2", False, None)
        assert [(one["code"], one["limits"]) for one in given["lists"][0]["items"]][1] == (
            "heat", "≤ 75 °C",
        )  # fmt: skip

    def test_hands_a_check_in_once_with_its_picture(self, phone, daily, browser, dispatcher):
        picture = jpeg()
        photo = phone.entry("check_photo", "", asset_code="n1", item="photo",
                            hash=sha(picture), size=len(picture))  # fmt: skip
        said = entry(phone, {**HOT, "photo": sha(picture)}, note="loud")
        receipts = phone.send(photo, said) + phone.send(said)
        row = models.Check.objects.get()
        url = reverse("checks:check", args=[row.pk])
        before = browser(dispatcher).get(url).content.decode()
        phone.put(picture)
        after = browser(dispatcher).get(url).content.decode()

        assert [one["outcome"] for one in receipts] == ["taken"] * 3
        assert (row.wrong, row.round_id, row.note) == (1, daily.pk, "loud")
        assert row.finding.photo_hash == sha(picture)
        assert "still on the phone" in before
        assert "still on the phone" not in after
        assert "<img" in after

    def test_refuses_what_it_cannot_read_and_keeps_the_rest(self, phone, daily):
        broken = phone.entry("check", "", asset_code="n1", answers="{")
        unfit = entry(phone, {"heat": "hot"})
        lost = entry(phone, GOOD, asset="gone")
        good = entry(phone, GOOD)
        receipts = phone.send(broken, unfit, lost, good)

        assert [(one["outcome"], one["code"]) for one in receipts] == [
            ("refused", "fieldwork.entry_not_valid"), ("refused", "fieldwork.answers_not_usable"),
            ("refused", "fieldwork.unknown_place"), ("taken", ""),
        ]  # fmt: skip

    def test_loses_no_check_of_a_round_that_is_gone(self, phone, daily):
        (receipt,) = phone.send(entry(phone, GOOD, round="SB-99"))

        assert receipt["outcome"] == "taken"
        assert models.Check.objects.get().round is None


class TestApi:
    def test_gives_the_checks_of_an_asset(self, daily, crew, browser, dispatcher):
        for asset in ("n1", "n2"):
            actions.take_check(asset, by=crew, answers=GOOD, checked_at=NOW, row=daily)
        found = browser(dispatcher).get("/api/v1/fieldwork/checks?asset=n2").json()

        assert found["count"] == 1
        assert found["checks"][0]["asset_code"] == "n2"
        assert found["checks"][0]["answers"][1]["value"] == 60.5


class TestPages:
    @pytest.fixture
    def desk(self, browser, dispatcher):
        return browser(dispatcher)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("rounds", "SB-01"),
            ("missed", "n1, n2"),
            ("history", "82 °C (≤ 75 °C)"),
            ("lists", "JC-01"),
        ],
    )
    def test_list_what_there_is(self, desk, daily, crew, name, said):
        actions.take_check("n1", by=crew, answers=HOT, checked_at=NOW, row=daily)

        assert said in desk.get(reverse(f"checks:{name}")).content.decode()

    def test_show_one_of_each(self, desk, daily, crew):
        row = actions.take_check("n1", by=crew, answers=HOT, checked_at=NOW, row=daily)
        pages = {
            name: desk.get(reverse(f"checks:{name}", args=[key])).content.decode()
            for name, key in (("round", "SB-01"), ("list", "JC-01"), ("asset", "n1"),
                              ("check", row.pk))
        }  # fmt: skip

        assert row.finding.job.number in pages["round"]
        assert "≤ 75 °C" in pages["list"]
        assert "fieldwork/check-trend" in pages["asset"]
        assert "Not in order" in pages["check"]
        assert desk.get(reverse("patrol:finding", args=[row.finding.pk])).status_code == 200

    def test_make_and_change_a_round(self, desk, nodes):
        said = {"code": "SB-02", "name": "Hall", "assets": "n1，n2", "every_days": 1,
                "begin_date": "2026-03-01", "from_month": 1, "until_month": 12}  # fmt: skip
        made = desk.post(reverse("checks:new-round"), said)
        changed = desk.post(reverse("checks:change-round", args=["SB-02"]),
                            {**said, "assets": "n2"})  # fmt: skip
        wrong = desk.post(reverse("checks:new-round"), {**said, "code": "SB-03", "assets": "p1"})

        assert made.url == changed.url == reverse("checks:round", args=["SB-02"])
        assert models.PatrolRound.objects.get(code="SB-02").asset_codes == ["n2"]
        assert (wrong.status_code, models.PatrolRound.objects.count()) == (422, 1)

    def test_make_a_list_or_say_what_is_wrong_with_its_lines(self, desk, street):
        said = {"code": "JC-09", "name_zh": "泵", "asset_kind": "junction",
                "items": "heat | 温度 | Heat | number | °C | | 75"}  # fmt: skip
        wrong = desk.post(reverse("checks:new-list"), {**said, "items": "heat | | | colour"})
        made = desk.post(reverse("checks:new-list"), said)

        assert wrong.status_code == 422
        assert "Line 1" in wrong.content.decode()
        assert made.url == reverse("checks:list", args=["JC-09"])

    def test_change_nothing_for_those_who_only_read(self, browser, person, daily):
        reader = browser(person("reader", "viewer"))

        assert reader.get(reverse("checks:round", args=["SB-01"])).status_code == 200
        assert reader.post(reverse("checks:change-round", args=["SB-01"]), {}).status_code == 403
        assert reader.post(reverse("checks:new-list"), {}).status_code == 403
