"""Which list asks: that of the round before that of the type, and that before the kind's.

R1 ---- p1 ---- n1 ---- p2 ---- n2        n1 is a meter chamber, n2 is only a node
"""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import actions, queries, refusals, rules
from huoshui.areas.fieldwork.checks.tests.conftest import GOOD, ITEMS, NOW
from huoshui.areas.fieldwork.checks.tests.test_pages import entry
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network

SEAL = ITEMS[:1]


def bound(code, kind, type_=""):
    return SimpleNamespace(code=code, asset_kind=kind, asset_type=type_)


VALVES, AIR, PUMPS = bound("V", "valve"), bound("A", "valve", "air"), bound("P", "pump")
ROUND, ROUND_AIR = bound("RV", "valve"), bound("RA", "valve", "air")


class TestListFor:
    @pytest.mark.parametrize(
        ("kind", "type_", "named", "wanted"),
        [
            ("valve", "air", [], AIR),
            ("valve", "gate", [], VALVES),
            ("valve", "", [], VALVES),
            ("pump", "vertical", [], PUMPS),
            ("tank", "", [], None),
            ("valve", "gate", [ROUND], ROUND),
            # What the round says goes before the kind, also where the kind says it more exactly.
            ("valve", "air", [ROUND], ROUND),
            ("valve", "air", [ROUND, ROUND_AIR], ROUND_AIR),
            ("valve", "gate", [ROUND_AIR], VALVES),
            ("pump", "", [ROUND], PUMPS),
        ],
    )
    def test_takes_the_round_before_the_kind_and_the_type_before_the_whole(
        self, kind, type_, named, wanted
    ):
        found = rules.list_for(kind, type_, named=named, standing=[VALVES, AIR, PUMPS])

        assert found is wanted


@pytest.fixture
def chambers(nodes):
    said = network_contracts.Attributes(others={"node_kind": "meter_chamber"})
    network.set_attributes({"n1": said}, by_id=None)
    return keep("JC-02", asset_type="meter_chamber")


@pytest.fixture
def yearly(nodes):
    return keep("JC-03", only_named=True)


def keep(code, **more):
    said = {"name_zh": code, "asset_kind": "junction", "items": SEAL, "by_id": None, **more}
    return actions.keep_list(code, **said)


def make_round(code="SB-01", assets=("n1", "n2"), **values):
    said = {"name": "Hall", "every_days": 1, "begin_date": date(2026, 2, 27), **values}
    return actions.keep_round(code, values=said, asset_codes=assets, by_id=None, is_new=True)


class TestLists:
    def test_stand_for_a_type_beside_the_one_of_the_kind(self, nodes, chambers):
        asked = queries.asked(["n1", "n2"])

        assert asked.of("n1", "junction") == chambers
        assert asked.of("n2", "junction") == nodes

    def test_are_one_for_a_type_and_for_types_that_there_are(self, chambers):
        with pytest.raises(refusals.KindHasList):
            keep("JC-09", asset_type="meter_chamber")
        with pytest.raises(refusals.NoSuchType):
            keep("JC-09", asset_type="air")

    def test_that_are_named_only_stand_for_nothing(self, nodes, yearly):
        assert queries.asked(["n1"]).of("n1", "junction") == nodes

    def test_of_one_round_are_never_two_for_the_same(self, nodes, yearly):
        rival = keep("JC-04", only_named=True, asset_kind="tank")
        both = ["JC-03", "JC-04"]
        assert actions.assets_chosen(codes=["n1"], check_lists=both) == ["n1"]
        make_round(check_lists=both)

        with pytest.raises(refusals.ListsCollide):
            keep(rival.code, only_named=True)
        with pytest.raises(refusals.ListsCollide):
            actions.assets_chosen(codes=["n1"], check_lists=["JC-01", "JC-03"])
        with pytest.raises(refusals.NoSuchList):
            actions.assets_chosen(codes=["n1"], check_lists=["JC-77"])

    def test_of_a_type_choose_only_its_assets_in_a_zone(self, chambers):
        found = actions.assets_chosen(zone_code="A", asset_kinds=["junction:meter_chamber"])

        assert found == ["n1"]


class TestRounds:
    def test_ask_each_asset_its_own_items(self, chambers, crew):
        row = make_round()
        checks = [
            actions.take_check(code, by=crew, answers=GOOD, checked_at=NOW, row=row)
            for code in ("n1", "n2")
        ]

        assert [one.check_list.code for one in checks] == ["JC-02", "JC-01"]
        # The chamber is asked for its leak alone: what else was said of it is only noted.
        assert [[each["verdict"] for each in one.answers] for one in checks] == [
            ["good", "noted"], ["good", "good", "noted", "noted"],
        ]  # fmt: skip

    def test_ask_by_a_list_of_their_own_first(self, chambers, yearly, crew):
        row = make_round(check_lists=["JC-03"])
        check = actions.take_check("n1", by=crew, answers=GOOD, checked_at=NOW, row=row)

        assert check.check_list == yearly

    def test_judge_by_the_list_that_the_phone_had(self, chambers, crew):
        row = make_round()
        keep("JC-02", asset_type="meter_chamber", is_retired=True)
        late = actions.take_check(
            "n1", by=crew, answers=GOOD, checked_at=NOW, row=row, list_code="JC-02"
        )
        now = actions.take_check("n1", by=crew, answers=GOOD, checked_at=NOW, row=row)

        assert (late.check_list.code, now.check_list.code) == ("JC-02", "JC-01")


class TestPhone:
    def given(self, phone):
        return phone.client.get("/api/v1/fieldwork/checks/phone").json()

    def test_carries_the_list_of_each_asset_and_judges_by_it(self, phone, chambers):
        make_round()
        given = self.given(phone)
        (made,) = given["rounds"]

        assert {one["code"]: one["list"] for one in made["assets"]} == {
            "n1": "JC-02", "n2": "JC-01",
        }  # fmt: skip
        assert {one["code"]: len(one["items"]) for one in given["lists"]} == {
            "JC-01": 4, "JC-02": 1,
        }  # fmt: skip
        (receipt,) = phone.send(entry(phone, {"leak": True}, list="JC-02"))
        assert receipt["outcome"] == "taken"
        assert models.Check.objects.get().check_list.code == "JC-02"

    def test_shows_an_asset_for_which_no_list_is(self, phone, chambers):
        make_round()
        keep("JC-01", is_retired=True)
        (made,) = self.given(phone)["rounds"]

        assert [(one["code"], one["list"]) for one in made["assets"]] == [
            ("n1", "JC-02"), ("n2", ""),
        ]  # fmt: skip


class TestPages:
    @pytest.fixture
    def desk(self, browser, dispatcher):
        return browser(dispatcher)

    def test_say_which_list_asks_each_asset(self, desk, chambers, yearly):
        make_round(check_lists=["JC-03"], assets=["n2"])
        make_round("SB-02", assets=["n1"])

        own = desk.get(reverse("checks:round", args=["SB-01"])).content.decode()
        typed = desk.get(reverse("checks:round", args=["SB-02"])).content.decode()
        assert "of this round" in own
        assert reverse("checks:list", args=["JC-03"]) in own
        assert "Node: Meter chamber" in typed
        assert reverse("checks:list", args=["JC-02"]) in typed

    def test_bind_a_list_and_name_it_on_a_round(self, desk, nodes):
        said = {"code": "JC-09", "name_zh": "井", "asset_kind": "junction:meter_chamber",
                "only_named": "on", "items": "seal | 铅封 | Seal | ok"}  # fmt: skip
        desk.post(reverse("checks:new-list"), said)
        row = models.CheckList.objects.get(code="JC-09")
        assert (row.asset_kind, row.asset_type, row.only_named) == (
            "junction", "meter_chamber", True,
        )  # fmt: skip
        form = desk.get(reverse("checks:change-list", args=["JC-09"])).content.decode()
        assert 'value="junction:meter_chamber" selected' in form

        made = {"code": "SB-02", "name": "厅", "name_en": "Hall", "assets": "n2", "every_days": 1,
                "begin_date": "2026-03-01", "from_month": 1, "until_month": 12,
                "check_lists": ["JC-09"]}  # fmt: skip
        desk.post(reverse("checks:new-round"), made)
        assert models.PatrolRound.objects.get(code="SB-02").check_lists == ["JC-09"]
        assert "Hall" in desk.get(reverse("checks:rounds")).content.decode()
