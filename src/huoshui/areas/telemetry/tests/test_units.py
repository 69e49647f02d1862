"""Alarms and posts that are limited to a unit.

Zone N belongs to unit North, zone S to South; a point in each, and one that lies nowhere.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, contracts, facade, models
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.areas.telemetry.tests.cast import NOON
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts import permissions
from huoshui.kernel.organisation import actions as organisation

BEGIN = date(2020, 1, 1)
PLACES = {"north": "N", "south": "S", "nowhere": None}


@pytest.fixture
def alarms(db, home) -> dict[str, int]:
    """One alarm for each place, by the place."""
    units = {}
    for code in ("north", "south"):
        zone = network_contracts.ZoneDeclaration(code=PLACES[code], name=code)
        network.assign_zones([zone], by_id=None)
        units[code] = organisation.add_unit(code, name_zh=code, from_date=BEGIN)
        network.give_zone(PLACES[code], units[code], by_id=None)
    facade.declare_points(
        [
            contracts.PointDeclaration(
                f"{code}.p", code, code, "pressure", zone_code=zone, limit_low=20.0
            )
            for code, zone in PLACES.items()
        ],
        by_id=None,
    )
    numbers = facade.point_ids()
    actions.apply_transitions(
        Transition(numbers[f"{code}.p"], "limit_low", True, NOON, 15.0, 20.0, id=number)
        for number, code in enumerate(PLACES, 1)
    )
    return {row.point.code.split(".")[0]: row.pk for row in models.Alarm.objects.all()}


@pytest.fixture
def by(alarms):
    from huoshui.kernel.organisation.models import Unit

    user, _password = accounts.add_user("wang", "Wang")
    accounts.give_post(user, "dispatcher", unit=Unit.objects.get(code="north"))
    return user.pk


class TestLimitedPosts:
    def test_attend_to_the_alarms_of_their_unit(self, alarms, by):
        until = clock.now() + timedelta(hours=1)
        actions.comment(alarms["north"], "on my way", by_id=by)
        actions.acknowledge_alarm(alarms["north"], by_id=by)
        (shelved,) = actions.shelve([alarms["north"]], until=until, reason="repair", by_id=by)
        actions.unshelve(shelved.pk, by_id=by)
        actions.take_out_of_service("north.p", reason="repair", by_id=by)

    @pytest.mark.parametrize("place", ["south", "nowhere"])
    def test_attend_to_no_other(self, alarms, by, place):
        until = clock.now() + timedelta(hours=1)
        one, point = alarms[place], f"{place}.p"
        tries = (
            lambda: actions.acknowledge_alarm(one, by_id=by),
            lambda: actions.acknowledge_many(alarms.values(), by_id=by),
            lambda: actions.comment(one, "seen", by_id=by),
            lambda: actions.reset_alarm(one, by_id=by),
            lambda: actions.shelve(alarms.values(), until=until, reason="repair", by_id=by),
            lambda: actions.take_out_of_service(point, reason="repair", by_id=by),
        )
        for attempt in tries:
            with pytest.raises(permissions.NotAllowedHere):
                attempt()
        assert not models.Suppression.objects.exists()
        assert not models.Alarm.objects.filter(acknowledged_at__isnull=False).exists()

    def test_do_not_end_the_silence_of_another_unit(self, alarms, by):
        boss, _password = accounts.add_user("boss", "Boss", posts=("dispatcher",))
        actions.take_out_of_service("south.p", reason="repair", by_id=boss.pk)
        silence = models.Suppression.objects.get()

        with pytest.raises(permissions.NotAllowedHere):
            actions.return_to_service(silence.pk, by_id=by)
        actions.return_to_service(silence.pk, by_id=boss.pk)
