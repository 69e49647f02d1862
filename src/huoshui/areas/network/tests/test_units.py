"""Units in charge of zones, and approvers whose post is limited to one of them.

Group > North, South;  zone N (North) > zone N1 (as above);  zone S (South)
R --p1-- a --p2-- b --p3-- c        p1 and p2 in N1, p3 in S
"""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.areas.network import actions, facade, units
from huoshui.areas.network.contracts import ChangeDeed, ZoneDeclaration
from huoshui.areas.network.models import ChangeSet
from huoshui.areas.network.tests.conftest import GRID
from huoshui.areas.network.tests.test_changes import INP
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts import permissions
from huoshui.kernel.organisation import actions as organisation

BEGIN = date(2020, 1, 1)


@pytest.fixture
def town(db, tmp_path):
    path = tmp_path / "town.inp"
    path.write_text(INP)
    assert facade.import_inp(path, crs=GRID, by_id=None).ok
    facade.assign_zones(
        [
            ZoneDeclaration(code="N", name="North"),
            ZoneDeclaration(code="N1", name="North 1", parent="N", assets=("p1", "p2", "a", "b")),
            ZoneDeclaration(code="S", name="South", assets=("p3", "c")),
        ],
        by_id=None,
    )
    group = organisation.add_unit("group", name_zh="Group", from_date=BEGIN)
    found = {"group": group}
    for code, zone in (("north", "N"), ("south", "S")):
        found[code] = organisation.add_unit(code, name_zh=code, parent=group, from_date=BEGIN)
        actions.give_zone(zone, found[code], by_id=None)
    return found


def person(name: str, post: str, unit=None):
    user, _password = accounts.add_user(name, name)
    accounts.give_post(user, post, unit=unit)
    return user


def change_of(*codes: str) -> ChangeSet:
    drawer = person(f"drawer_{'_'.join(codes)}", "leakage_engineer")
    change = actions.make_change("as built", by_id=drawer.pk)
    for code in codes:
        wanted = {"attributes": {"name": f"new name of {code}"}}
        actions.add_step(change.pk, ChangeDeed.MODIFY, code, wanted, by_id=drawer.pk)
    return actions.submit_change(change.pk, by_id=drawer.pk)


class TestUnits:
    def test_of_a_zone_without_one_is_that_of_the_zone_above(self, town):
        assert units.of_zone("N1") == town["north"].pk
        assert units.of_assets(["p1", "p3"]) == {town["north"].pk, town["south"].pk}
        assert facade.unit_in_charge(asset_code="R") is None

    def test_are_put_in_charge_on_the_page_of_the_zone(self, town, signed_in):
        browser = signed_in("manager")
        answer = browser.post("/network/zones/N1/unit/", {"unit": town["south"].pk})

        assert answer.status_code == 302
        assert units.of_zone("N1") == town["south"].pk
        assert "south" in browser.get("/network/zones/N1/").content.decode()
        assert signed_in("viewer").post("/network/zones/N1/unit/", {}).status_code == 403


class TestLimitedApprovers:
    def test_approve_what_lies_in_their_unit(self, town):
        north = person("north", "manager", town["north"])

        assert actions.approve_change(change_of("p1").pk, by_id=north.pk).state == "approved"

    @pytest.mark.parametrize("deed", [actions.approve_change, actions.refuse_change])
    @pytest.mark.parametrize("codes", [("p3",), ("p1", "p3"), ("R",)])
    def test_decide_on_nothing_that_touches_another(self, town, deed, codes):
        north = person("north", "manager", town["north"])
        change = change_of(*codes)
        words = {"words": "no"} if deed is actions.refuse_change else {}

        with pytest.raises(permissions.NotAllowedHere):
            deed(change.pk, by_id=north.pk, **words)
        change.refresh_from_db()
        assert change.state == "submitted"

    def test_of_the_unit_above_and_unlimited_ones_decide_on_all(self, town):
        for name, unit in (("boss", town["group"]), ("chief", None)):
            by = person(name, "manager", unit)
            change = change_of("p1", "p3") if unit else change_of("p2", "R")
            assert actions.approve_change(change.pk, by_id=by.pk).state == "approved"
