"""The tree of the organisation through time, and how far a limited post reaches.

group ── north ── pumps
      └─ south
"""

from datetime import date, timedelta

import pytest

from huoshui.kernel import clock, organisation
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.organisation import actions, tree
from huoshui.kernel.organisation.models import Membership, Unit, UnitPeriod

pytestmark = pytest.mark.django_db

BEGIN = date(2020, 1, 1)
LATER = date(2024, 7, 1)


@pytest.fixture
def units() -> dict[str, Unit]:
    group = actions.add_unit("group", name_zh="集团", name_en="Group", from_date=BEGIN)
    found = {"group": group}
    for code, parent in (("north", "group"), ("south", "group"), ("pumps", "north")):
        found[code] = actions.add_unit(
            code, name_zh=code, parent=found[parent], kind="branch", from_date=BEGIN
        )
    return found


def drawn(day: date) -> list[str]:
    return [f"{'-' * depth}{node.code}" for depth, node in tree.on(day).walk()]


def change(unit: Unit, day: date, parent: Unit | None, name: str = "") -> None:
    actions.change_unit(
        unit,
        from_date=day,
        name_zh=name or unit.code,
        name_en="",
        kind="branch",
        parent=parent,
    )


class TestTree:
    def test_is_that_of_the_day(self, units):
        change(units["pumps"], LATER, units["south"])

        assert drawn(LATER - timedelta(days=1)) == ["group", "-north", "--pumps", "-south"]
        assert drawn(LATER) == ["group", "-north", "-south", "--pumps"]
        assert drawn(BEGIN - timedelta(days=1)) == []

    def test_keeps_former_names(self, units):
        change(units["south"], LATER, units["group"], "南区")

        assert tree.on(BEGIN).name_of(units["south"].pk) == "south"
        assert tree.on(LATER).name_of(units["south"].pk) == "南区"

    def test_a_change_on_the_first_day_of_a_period_corrects_it(self, units):
        change(units["south"], BEGIN, units["group"], "南区")

        assert UnitPeriod.objects.filter(unit=units["south"]).count() == 1

    def test_a_change_before_a_planned_one_lasts_until_that(self, units):
        change(units["pumps"], LATER, units["south"])
        middle = LATER - timedelta(days=100)
        change(units["pumps"], middle, units["group"])

        assert "-pumps" in drawn(middle)
        assert "--pumps" in drawn(LATER)

    def test_speaks_the_language_of_the_reader(self, units):
        from django.utils import translation

        with translation.override("en"):
            assert tree.on(BEGIN).name_of(units["group"].pk) == "Group"
        with translation.override("zh-hans"):
            assert tree.on(BEGIN).name_of(units["group"].pk) == "集团"


class TestChanges:
    def test_never_put_a_unit_into_its_own_part(self, units):
        with pytest.raises(actions.WouldContainItself):
            change(units["north"], LATER, units["pumps"])

    def test_look_ahead_to_planned_changes(self, units):
        # From LATER on, south belongs to pumps; so pumps must not move into south before.
        change(units["south"], LATER, units["pumps"])

        with pytest.raises(actions.WouldContainItself) as refused:
            change(units["pumps"], LATER - timedelta(days=9), units["south"])

        assert refused.value.data["day"] == LATER.isoformat()

    def test_need_a_parent_that_lasts(self, units):
        actions.close_unit(units["south"], until_date=LATER)

        with pytest.raises(actions.NotOpenThen):
            change(units["pumps"], LATER - timedelta(days=9), units["south"])

    def test_are_recorded_with_before_and_after(self, units):
        change(units["pumps"], LATER, units["south"])

        detail = AuditRecord.objects.get(action="organisation.unit_changed").detail
        assert (detail["before"]["parent"], detail["after"]["parent"]) == ("north", "south")

    def test_codes_are_never_used_twice(self, units):
        actions.close_unit(units["south"], until_date=LATER)

        with pytest.raises(actions.CodeTaken):
            actions.add_unit("south", name_zh="新")


class TestClose:
    def test_ends_a_unit_but_not_its_history(self, units):
        actions.close_unit(units["south"], until_date=LATER)

        assert "-south" in drawn(LATER - timedelta(days=1))
        assert "-south" not in drawn(LATER)

    def test_is_refused_while_something_needs_the_unit(self, units):
        user, _ = accounts.add_user("wang", "王工", posts=("crew",))
        actions.place_user(user, units["south"], from_date=BEGIN)
        holder, _ = accounts.add_user("li", "李工")
        accounts.give_post(holder, "manager", unit=units["south"])

        for code, use in (("north", "pumps"), ("south", "王工"), ("south", "李工")):
            with pytest.raises(actions.StillInUse) as refused:
                actions.close_unit(units[code], until_date=LATER)
            assert use in refused.value.data["uses"]


class TestPlaces:
    def test_a_person_belongs_to_one_unit_at_a_time(self, units):
        user, _ = accounts.add_user("wang", "Wang")
        actions.place_user(user, units["north"], from_date=BEGIN)
        actions.place_user(user, units["south"], from_date=LATER)

        before = Membership.objects.valid_on(LATER - timedelta(days=1)).get(user=user)
        after = Membership.objects.valid_on(LATER).get(user=user)
        assert (before.unit.code, after.unit.code) == ("north", "south")


@pytest.fixture
def lamps(monkeypatch):
    monkeypatch.setattr(permissions, "_declared", dict(permissions._declared))
    permissions.declare("lamps.light", "Light", posts=("dispatcher",), by_unit=True)
    permissions.declare("lamps.buy", "Buy", posts=("dispatcher",))
    permissions.declare("lamps.see", "See", posts=("dispatcher",), in_house=True)


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


class TestLimitedPosts:
    @pytest.fixture
    def user(self, units, lamps):
        user, _ = accounts.add_user("wang", "Wang")
        accounts.give_post(user, "dispatcher", unit=units["north"])
        return again(user)

    def test_reach_a_unit_and_what_is_below_it(self, user, units):
        assert permissions.units_of(user, "lamps.light") == {units["north"].pk, units["pumps"].pk}
        assert permissions.holds(user, "lamps.light", units["pumps"].pk)
        assert not permissions.holds(user, "lamps.light", units["south"].pk)
        assert not permissions.holds(user, "lamps.light", units["group"].pk)

    def test_give_nothing_that_cannot_be_limited(self, user):
        assert not permissions.holds(user, "lamps.buy")

    def test_give_everywhere_what_the_whole_house_may_know(self, user, units):
        assert permissions.holds(user, "lamps.see")
        assert permissions.may_in(user, "lamps.see", None)

    def test_refuse_what_lies_in_another_unit_or_in_none(self, user, units):
        permissions.require_in(user.pk, "lamps.light", [units["north"].pk, units["pumps"].pk])
        permissions.require_in(None, "lamps.light", [None])
        for unit in (units["south"], None):
            with pytest.raises(permissions.NotAllowedHere) as refused:
                permissions.require_in(user.pk, "lamps.light", [unit.pk if unit else None])
            assert refused.value.data["permission"] == "lamps.light"

    def test_give_way_to_an_unlimited_one(self, user, units):
        accounts.give_post(user, "dispatcher")

        assert permissions.units_of(again(user), "lamps.light") is None
        assert permissions.holds(again(user), "lamps.buy")

    def test_follow_a_unit_that_moves(self, user, units):
        change(units["south"], BEGIN, units["north"])

        assert permissions.holds(again(user), "lamps.light", units["south"].pk)

    def test_of_an_administrator_do_not_count_as_the_one_who_must_stay(self, units):
        boss, _ = accounts.add_user("boss", "Boss", posts=("administrator",))
        limited, _ = accounts.add_user("li", "Li")
        accounts.give_post(limited, "administrator", unit=units["north"])

        with pytest.raises(accounts.LatestAdministrator):
            accounts.end_post(boss, "administrator")
        assert not permissions.holds(again(limited), "accounts.manage")

    def test_ask_the_database_twice_a_request(self, user, django_assert_num_queries):
        clock.now()
        with django_assert_num_queries(2):
            for _ in range(10):
                permissions.holds(user, "lamps.light", 1)


class TestScope:
    def test_keeps_the_rows_of_the_units_that_are_reached(self, units, lamps):
        members = {}
        for code in ("north", "south", "pumps"):
            members[code], _ = accounts.add_user(f"in_{code}", code)
            actions.place_user(members[code], units[code], from_date=BEGIN)
        accounts.give_post(members["north"], "dispatcher", unit=units["north"])
        reader, stranger = again(members["north"]), again(members["south"])
        rows = Membership.objects.all()

        seen = organisation.scope(rows, reader, "lamps.light")

        assert {row.unit.code for row in seen} == {"north", "pumps"}
        assert not organisation.scope(rows, stranger, "lamps.light").exists()

    def test_keeps_everything_for_an_unlimited_post(self, units, lamps):
        reader, _ = accounts.add_user("wang", "Wang", posts=("dispatcher",))
        actions.place_user(reader, units["south"], from_date=BEGIN)

        assert organisation.scope(Membership.objects.all(), reader, "lamps.light").count() == 1


class TestPages:
    @pytest.fixture
    def boss(self, client):
        user, _ = accounts.add_user("boss", "Boss", posts=("administrator",))
        client.force_login(user)
        return user

    def test_add_change_and_close_a_unit(self, client, boss):
        new = {"code": "east", "name_zh": "东区", "kind": "branch", "from_date": "2020-01-01"}
        assert client.post("/system/organisation/new/", new).status_code == 302
        home = "/system/organisation/units/east/"
        assert "东区" in client.get(home).content.decode()

        moved = {"name_zh": "东部", "kind": "branch", "from_date": "2021-01-01"}
        assert client.post(f"{home}change/", moved).status_code == 302
        text = client.get(home).content.decode()
        assert "东区" in text
        assert "东部" in text

        assert client.post(f"{home}close/", {"until_date": "2022-01-01"}).status_code == 302
        assert "东部" not in client.get("/system/organisation/").content.decode()
        assert "东部" in client.get("/system/organisation/?day=2021-06-01").content.decode()

    def test_a_reader_of_one_part_sees_its_people_only(self, client, units):
        for code, name in (("north", "Nora"), ("south", "Susan")):
            user, _ = accounts.add_user(code, name, phone="13812345678")
            actions.place_user(user, units[code], from_date=BEGIN)
        reader, _ = accounts.add_user("wang", "Wang")
        accounts.give_post(reader, "manager", unit=units["north"])
        client.force_login(reader)

        text = client.get("/system/users/").content.decode()

        assert "Nora" in text
        assert "13812345678" in text
        assert "Susan" not in text
        susan = User.objects.get(username="south")
        assert client.get(f"/system/users/{susan.pk}/").status_code == 404
