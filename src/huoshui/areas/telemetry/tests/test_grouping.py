"""Alarms of one cause folded into one group, along the pipes.

R ---- a ---- b ---- c      far away: z (no pipe leads there within reach)
  500    500    500  [m]
"""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, contracts, facade, models
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.areas.telemetry.tests.cast import MINUTE, NOON

pytestmark = pytest.mark.django_db

INP = """[TITLE]
groups
[JUNCTIONS]
a 0
b 0
c 0
z 0
[RESERVOIRS]
R 50
[PIPES]
p1 R a 500 200 100
p2 a b 500 200 100
p3 b c 500 200 100
p4 c z 5000 200 100
[COORDINATES]
R 0 0
a 500 0
b 1000 0
c 1500 0
z 6500 0
[OPTIONS]
UNITS LPS
[END]
"""


@pytest.fixture
def points(home: object, tmp_path: Path) -> dict[str, int]:
    path = tmp_path / "line.inp"
    path.write_text(INP)
    report = network.import_inp(path, crs=network.local_grid(lon=120.0, lat=30.0), by_id=None)
    assert report.ok, report.problems
    facade.declare_points(
        [
            contracts.PointDeclaration(f"{code}.{kind}", code, code, kind, asset_code=code)
            for code, kind in (
                ("a", "pressure"), ("b", "pressure"), ("c", "pressure"), ("z", "pressure"),
                ("p2", "flow"),
            )
        ],
        by_id=None,
    )  # fmt: skip
    return facade.point_ids()


def come(points: dict[str, int], *rows: tuple[str, str, float]) -> None:
    reached = models.TransitionCursor.objects.filter(id=1).values_list("reached", flat=True)
    first = (reached[0] if reached else 0) + 1
    actions.apply_transitions(
        [
            Transition(points[code], rule, True, NOON - round(ago * MINUTE), 1.0, 2.0, id=number)
            for number, (code, rule, ago) in enumerate(rows, first)
        ]
    )
    actions.tend_alarms({}.__getitem__)


def groups() -> list[tuple[str, str, str, list[str]]]:
    return [
        (
            row.family,
            row.cause,
            row.lead.subject,
            sorted(one.subject for one in row.alarms.select_related("point")),
        )
        for row in models.AlarmGroup.objects.order_by("pk")
    ]


class TestGroups:
    def test_low_pressures_near_along_the_pipes_are_one_event_led_by_the_nearest_to_the_source(
        self, points
    ) -> None:
        low = "limit_low"
        come(points, ("c.pressure", low, 9), ("b.pressure", low, 8), ("a.pressure", low, 7),
             ("z.pressure", low, 6))  # fmt: skip

        assert groups() == [
            ("losing", "upstream", "a.pressure", ["a.pressure", "b.pressure", "c.pressure"])
        ]

    def test_a_high_flow_among_them_looks_like_a_burst(self, points) -> None:
        come(points, ("c.pressure", "limit_low", 9), ("p2.flow", "limit_high", 8))

        assert [(row[1], row[2]) for row in groups()] == [("burst", "p2.flow")]

    def test_later_ones_join_and_what_is_too_late_does_not(self, points) -> None:
        come(points, ("a.pressure", "limit_low", 60), ("b.pressure", "limit_low", 50))
        come(points, ("c.pressure", "limit_low", 40), ("p2.flow", "limit_high", 10))

        assert [row[3] for row in groups()] == [["a.pressure", "b.pressure", "c.pressure"]]

    def test_silence_needs_no_nearness(self, points) -> None:
        come(points, ("a.pressure", "no_data", 9), ("z.pressure", "no_data", 8))

        assert [row[:2] for row in groups()] == [("silent", "line_lost")]

    def test_rises_and_falls_are_different_events(self, points) -> None:
        come(points, ("a.pressure", "limit_high", 9), ("b.pressure", "limit_low", 8))

        assert groups() == []

    def test_close_with_the_last_alarm(self, points) -> None:
        come(points, ("a.pressure", "no_data", 9), ("b.pressure", "no_data", 8))
        for code in ("a.pressure", "b.pressure"):
            row = models.Alarm.objects.get(point__code=code)
            number = models.TransitionCursor.objects.get().reached + 1
            actions.apply_transitions(
                [Transition(row.point_id, "no_data", False, NOON, None, None, id=number)]
            )
        assert models.AlarmGroup.objects.get().closed_at is None
        actions.tend_alarms({}.__getitem__)

        assert models.AlarmGroup.objects.get().closed_at is not None
