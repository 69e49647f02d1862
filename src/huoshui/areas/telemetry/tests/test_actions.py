"""Points declared, transitions turned into alarms, deviations, acknowledgement."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from huoshui.areas.telemetry import contracts, facade, keeping, models, refusals, rules
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import HOUR, MINUTE, NOON
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.events.models import Event

pytestmark = pytest.mark.django_db

PRESSURE = contracts.PointDeclaration(
    "n1.pressure",
    "Pressure at n1",
    "n1 压力",
    "pressure",
    limit_low=20.0,
    limit_high=60.0,
    range_min=0.0,
    range_max=100.0,
    expected_every_s=300,
)
FLOW = contracts.PointDeclaration("p1.flow", "Flow in p1", "p1 流量", "flow")


def told() -> list[str]:
    return [
        kind.rsplit(".", 1)[-1]
        for kind in Event.objects.order_by("id").values_list("kind", flat=True)
    ]


class TestDeclarePoints:
    def test_makes_each_point_once(self, home: object) -> None:
        first = facade.declare_points([PRESSURE, FLOW], by_id=None)
        again = facade.declare_points([PRESSURE, FLOW], by_id=None)

        assert first.created == ("n1.pressure", "p1.flow")
        assert (again.created, again.changed, again.unchanged) == ((), (), 2)
        assert AuditRecord.objects.filter(action="telemetry.points_declared").count() == 1

    def test_changes_a_point_and_keeps_its_number(self, home: object) -> None:
        facade.declare_points([PRESSURE], by_id=None)
        number = facade.point_ids()["n1.pressure"]
        report = facade.declare_points([dataclasses.replace(PRESSURE, limit_high=55.0)], by_id=None)

        assert report.changed == ("n1.pressure",)
        assert facade.point("n1.pressure").limit_high == 55.0
        assert facade.point_ids()["n1.pressure"] == number

    def test_lists_every_fault_and_keeps_none(self, home: object) -> None:
        wrong = [
            dataclasses.replace(PRESSURE, asset_code="nowhere"),
            dataclasses.replace(FLOW, kind="colour", name_zh=" "),
            dataclasses.replace(FLOW, code="p2.flow", limit_low=2.0, limit_high=1.0),
        ]
        with pytest.raises(refusals.PointsNotDeclarable) as refused:
            facade.declare_points(wrong, by_id=None)

        assert refused.value.data["faults"] == {
            "n1.pressure": ["asset_code"],
            "p1.flow": ["name", "kind"],
            "p2.flow": ["limits_order"],
        }
        assert facade.point_ids() == {}

    def test_refuses_a_code_twice(self, home: object) -> None:
        with pytest.raises(refusals.PointsNotDeclarable) as refused:
            facade.declare_points([FLOW, FLOW], by_id=None)

        assert refused.value.data["faults"] == {"p1.flow": ["declared_twice"]}

    def test_never_gives_a_point_another_kind(self, home: object) -> None:
        facade.declare_points([PRESSURE], by_id=None)
        with pytest.raises(refusals.PointsNotDeclarable) as refused:
            facade.declare_points([dataclasses.replace(PRESSURE, kind="flow")], by_id=None)

        assert refused.value.data["faults"] == {"n1.pressure": ["kind_changed"]}

    def test_belongs_to_a_zone_that_exists(self, home: object, zone: SimpleNamespace) -> None:
        facade.declare_points([dataclasses.replace(FLOW, zone_code="A")], by_id=None)

        assert [point.code for point in facade.points(zone_code="A")] == ["p1.flow"]


# One row per rule of a declaration: what is changed in a sound one, and the fault it makes.
@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"code": "with space"}, ["code"]),
        ({"name_en": ""}, ["name"]),
        ({"kind": "colour"}, ["kind"]),
        ({"limit_low": 70.0}, ["limits_order"]),
        ({"limit_high": 120.0}, ["limits_order"]),
        ({"range_max": float("inf")}, ["not_finite"]),
        ({"dead_band": -1.0}, ["negative"]),
        ({"delay_s": -1}, ["negative"]),
        ({"rate_max_per_s": 0.0}, ["rate"]),
        ({"expected_every_s": 0}, ["expected_every"]),
    ],
)
def test_faults_of_a_declaration(changes: dict[str, object], faults: list[str]) -> None:
    assert rules.faults(dataclasses.replace(PRESSURE, **changes)) == faults  # type: ignore[arg-type]


class TestAlarmsFromReadings:
    def test_become_rows_once_however_often_they_are_applied(self, home: object) -> None:
        facade.declare_points([PRESSURE], by_id=None)
        historian = keeping.open_historian()
        number = facade.point_ids()["n1.pressure"]
        historian.accept(cast.batch((number, NOON, 70.0)))
        waiting = historian.journal.transitions(0)
        keeping.keep_alarms(historian)
        keeping.actions.apply_transitions(waiting)
        historian.accept(cast.batch((number, NOON + MINUTE, 50.0)))
        keeping.keep_alarms(historian)
        left = historian.journal.transitions(0)
        historian.close()

        alarm = models.Alarm.objects.get()
        assert (alarm.rule, alarm.priority) == ("limit_high", "high")
        assert contracts.to_us(alarm.raised_at) == NOON
        assert alarm.cleared_at == contracts.from_us(NOON + MINUTE)
        assert alarm.data == {"unit": "m", "value": 70.0, "threshold": 60.0}
        assert told() == ["AlarmRaised", "AlarmCleared"]
        assert left == []

    def test_wait_in_the_journal_for_a_process_that_crashed(self, home: object) -> None:
        facade.declare_points([PRESSURE], by_id=None)
        number = facade.point_ids()["n1.pressure"]
        crashed = keeping.open_historian()
        crashed.accept(cast.batch((number, NOON, 70.0)))
        crashed.close()

        historian = keeping.open_historian()
        keeping.keep_alarms(historian)
        historian.close()

        assert models.Alarm.objects.standing().count() == 1

    def test_are_found_in_a_journal_made_anew(self, home: object) -> None:
        facade.declare_points([PRESSURE], by_id=None)
        models.TransitionCursor.objects.create(reached=500)
        number = facade.point_ids()["n1.pressure"]
        historian = keeping.open_historian()
        historian.accept(cast.batch((number, NOON, 70.0)))
        keeping.keep_alarms(historian)
        historian.close()

        assert models.Alarm.objects.count() == 1

    def test_of_a_point_that_is_gone_are_let_go(self, home: object) -> None:
        reached = keeping.actions.apply_transitions(
            [Transition(99, "limit_high", True, NOON, 1.0, 1.0, id=4)]
        )

        assert (reached, models.Alarm.objects.count()) == (4, 0)


class TestDeviations:
    def test_stand_once_and_take_over_the_new_size(
        self, home: object, zone: SimpleNamespace
    ) -> None:
        at = contracts.from_us(NOON)
        first = facade.raise_deviation(
            code="leakage.night_flow", message="m", at=at, zone_code="A", size=3.0, unit="m³/h"
        )
        later = contracts.from_us(NOON + HOUR)
        second = facade.raise_deviation(
            code="leakage.night_flow", message="m", at=later, zone_code="A", size=4.0, unit="m³/h"
        )

        assert (second.id, second.raised_at, second.data["size"]) == (first.id, at, 4.0)
        assert told() == ["AlarmRaised"]

    def test_clear_and_may_come_again(self, home: object, zone: SimpleNamespace) -> None:
        at = contracts.from_us(NOON)
        facade.raise_deviation(code="x", message="m", at=at, zone_code="A")

        assert facade.clear_deviation(code="x", at=at, zone_code="A")
        assert not facade.clear_deviation(code="x", at=at, zone_code="A")
        facade.raise_deviation(code="x", message="m", at=at, zone_code="A")
        assert models.Alarm.objects.count() == 2
        assert told() == ["AlarmRaised", "AlarmCleared", "AlarmRaised"]

    def test_need_one_subject(self, home: object) -> None:
        with pytest.raises(ValueError, match="either"):
            facade.raise_deviation(code="x", message="m", at=contracts.from_us(NOON))
        with pytest.raises(refusals.NoSuchPoint):
            facade.clear_deviation(code="x", at=contracts.from_us(NOON), point_code="no")


class TestAcknowledge:
    def test_says_who_and_when_and_is_audited(
        self, home: object, zone: SimpleNamespace, person: SimpleNamespace
    ) -> None:
        at = contracts.from_us(NOON)
        alarm = facade.raise_deviation(code="x", message="m", at=at, zone_code="A")

        taken = facade.acknowledge_alarm(alarm.id, person.id)

        assert (taken.acknowledged_at, taken.acknowledged_by_id) == (at, person.id)
        assert taken.cleared_at is None
        record = AuditRecord.objects.get(action="telemetry.alarm_acknowledged")
        assert (record.by_id, record.subject) == (person.id, f"alarm:{alarm.id}")
        assert told() == ["AlarmRaised", "AlarmAcknowledged"]

    def test_is_refused_twice_and_after_clearing(
        self, home: object, zone: SimpleNamespace, person: SimpleNamespace
    ) -> None:
        at = contracts.from_us(NOON)
        alarm = facade.raise_deviation(code="x", message="m", at=at, zone_code="A")
        facade.acknowledge_alarm(alarm.id, person.id)
        with pytest.raises(refusals.AlarmAlreadyAcknowledged):
            facade.acknowledge_alarm(alarm.id, person.id)

        other = facade.raise_deviation(code="y", message="m", at=at, zone_code="A")
        facade.clear_deviation(code="y", at=at, zone_code="A")
        with pytest.raises(refusals.AlarmAlreadyCleared):
            facade.acknowledge_alarm(other.id, person.id)
        with pytest.raises(refusals.NoSuchAlarm):
            facade.acknowledge_alarm(10_000, person.id)


class TestStandingAlarms:
    def test_come_with_the_most_pressing_first(self, home: object, zone: SimpleNamespace) -> None:
        facade.declare_points([PRESSURE], by_id=None)
        facade.raise_deviation(code="x", message="m", at=contracts.from_us(NOON), zone_code="A")
        number = facade.point_ids()["n1.pressure"]
        keeping.actions.apply_transitions(
            [
                Transition(number, "no_data", True, NOON, None, 900.0, id=1),
                Transition(number, "limit_high", True, NOON, 70.0, 60.0, id=2),
            ]
        )

        found = facade.standing_alarms()

        assert [alarm.rule for alarm in found] == ["limit_high", "deviation", "no_data"]
        assert found[2].data["threshold"] == 15


class TestUnknownCodes:
    def test_are_counted_told_once_and_forgotten_when_declared(self, home: object) -> None:
        one = contracts.UnknownCode("plc", "p1.flow", 2, NOON, NOON + 1, 5.0)
        keeping.actions.keep_unknown([one])
        keeping.actions.keep_unknown([dataclasses.replace(one, earliest_us=NOON - 1, count=3)])

        row = models.UnknownPoint.objects.get()
        assert (row.count, row.sample) == (5, 5.0)
        assert contracts.to_us(row.earliest_at) == NOON - 1
        assert contracts.to_us(row.latest_at) == NOON + 1
        assert told() == ["UnknownPointSeen"]
        facade.declare_points([FLOW], by_id=None)
        assert not models.UnknownPoint.objects.exists()
