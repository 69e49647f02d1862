"""Customers on their nearest pipe, and facts about valves.

C2 (named: P2)                  lon 114.0            114.01
                                P1: 30.00 to 30.01    P2: the same, beside it
C1 at 114.0005, 30.005          half-way up, 48.15 m east of P1
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.areas.network.models import Asset, Connection, ValveCondition, ValveTurn, Zone
from huoshui.areas.network.tables_in import customers, tapping, valves
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
WEST = "code,lon,lat,address\nC1,114.0005,30.005,Gate 1\n"


@pytest.fixture(autouse=True)
def network(db):
    with clock.frozen(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        zone = Zone.objects.create(code="Z1", name="One")
        nodes = [
            Asset.objects.create(code=f"n{n}", kind="junction", lon=lon, lat=lat)
            for n, (lon, lat) in enumerate(
                [(114.0, 30.0), (114.0, 30.01), (114.01, 30.0), (114.01, 30.01)]
            )
        ]
        for n, code in ((0, "P1"), (2, "P2")):
            line = [[nodes[n].lon, nodes[n].lat], [nodes[n + 1].lon, nodes[n + 1].lat]]
            Asset.objects.create(code=code, kind="pipe", start=nodes[n], end=nodes[n + 1],
                                 line=line, zone=zone, diameter_mm=100 if n else 900)  # fmt: skip
        Asset.objects.create(code="V1", kind="valve", start=nodes[1], end=nodes[3])
        yield


@pytest.fixture
def file(tmp_path):
    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def bring(module, path, **options):
    return module.carry_out(path, path.name, options, None)


class TestCustomers:
    def test_are_connected_to_the_nearest_pipe_at_the_foot_of_the_perpendicular(self, file):
        outcome = bring(customers, file(WEST))

        row = Connection.objects.get()
        # On a sphere of 6 371 008.8 m: 0.0005 deg x 111 195.08 m x cos(30.005 deg) = 48.15 m.
        assert not outcome.problems.total
        assert (row.pipe.code, row.zone.code, row.is_manual) == ("P1", "Z1", False)
        assert row.away_m == pytest.approx(48.15, abs=0.05)
        assert row.along_m == pytest.approx(555.98, abs=0.05)
        assert (row.tap_lon, row.tap_lat) == pytest.approx((114.0, 30.005), abs=1e-6)

    def test_come_with_easting_and_northing_of_a_stated_system(self, file):
        # EPSG:4547 is CGCS2000 at 114 deg east: the meridian itself is at x = 500 000 m.
        outcome = bring(customers, file("code,x,y\nC1,500040,3320600\n"), crs="EPSG:4547")

        row = Connection.objects.get()
        assert outcome.created == 1
        assert row.pipe.code == "P1"
        assert row.away_m == pytest.approx(40, abs=0.2)

    def test_too_far_from_any_pipe_are_listed_and_go_in_without_one(self, file):
        outcome = bring(customers, file("code,lon,lat\nC1,114.005,30.005\n"))

        [problem] = outcome.problems
        assert (problem.code, problem.line, problem.subject) == ("network.too_far", 2, "C1")
        assert Connection.objects.get().pipe is None

    def test_pass_over_mains_that_nobody_taps(self, file):
        bring(customers, file(WEST), largest_mm="600", farthest_m="2000")

        assert Connection.objects.get().pipe.code == "P2"

    def test_keep_the_pipe_that_a_person_named(self, file):
        bring(customers, file("code,lon,lat,pipe\nC1,114.0005,30.005,P2\n"))
        assert Connection.objects.get().is_manual

        outcome = bring(customers, file(WEST))

        row = Connection.objects.get()
        assert (row.pipe.code, row.address) == ("P2", "Gate 1")
        assert outcome.changed == 1

    def test_a_second_import_shows_what_differs_and_changes_it(self, file):
        bring(customers, file(WEST))
        moved = file("code,lon,lat,address\nC1,114.0095,30.005,Gate 1\n")

        checked = customers.check(moved, moved.name, {})

        assert ("C1", "P1", "P2") in [(d.subject, d.before, d.after) for d in checked.differences]
        assert Connection.objects.get().pipe.code == "P1"
        bring(customers, moved)
        assert Connection.objects.get().pipe.code == "P2"
        assert bring(customers, moved).unchanged == 1

    @pytest.mark.parametrize("text", [
        "code,address\nC1,Gate 2\n",
        "code,lon,lat,address,zone\nC1,114.0005,30.005,Gate 2,\n",
        "code,lon,lat,zone\nC1,114.0095,30.005,\n",
    ])  # fmt: skip
    def test_a_row_that_says_nothing_of_the_zone_leaves_a_stated_one(self, file, text):
        Zone.objects.create(code="Z2", name="Two")
        bring(customers, file("code,lon,lat,zone\nC1,114.0005,30.005,Z2\n"))
        if "lon" not in text:
            text = text.replace("code,address", "code,lon,lat,address").replace("C1,", "C1,,,")

        outcome = bring(customers, file(text))

        assert Connection.objects.get().zone.code == "Z2"
        words = str(customers._("Zones kept that are not the pipe's"))
        assert words in [str(fact) for fact, _ in outcome.facts]

    def test_a_zone_taken_from_the_pipe_follows_to_another_pipe(self, file):
        Asset.objects.filter(code="P2").update(zone=Zone.objects.create(code="Z2", name="Two"))
        bring(customers, file(WEST))

        bring(customers, file("code,lon,lat\nC1,114.0095,30.005\n"))

        assert Connection.objects.get().zone.code == "Z2"

    def test_good_rows_go_in_and_bad_ones_are_listed(self, file):
        outcome = bring(
            customers,
            file("code,lon,lat,zone,annual_use_m3\nC1,114.0005,30.005,,\nC1,114,30,,\n,114,30,,\n"
                 "C2,30.005,114.0005,,\nC3,114.0005,30.004,Z9,-5\nC4,,,,\nC5,east,30,,\n"),
        )  # fmt: skip

        assert [(p.line, p.code) for p in sorted(outcome.problems, key=lambda p: p.line)] == [
            (3, "network.connection_twice"),
            (4, "intake.cell_empty"),
            (5, "network.place_impossible"),
            (5, "network.place_missing"),
            (6, "network.value_negative"),
            (6, "network.zone_unknown"),
            (7, "network.place_missing"),
            (8, "intake.cell_unreadable"),
        ]
        assert sorted(Connection.objects.values_list("code", flat=True)) == ["C1", "C2", "C3", "C4"]

    def test_need_places_and_a_network(self, file):
        assert bring(customers, file("code\nC1\n")).problems.fatal
        Asset.objects.filter(kind="pipe").delete()
        assert set(bring(customers, file(WEST)).problems.counts) == {"network.no_pipes"}


class TestPipes:
    def test_find_for_each_place_the_pipe_that_a_look_at_all_finds(self):
        """A million pairs by brute force, in the same plane, against the tree."""
        random = np.random.default_rng(7)
        nodes = list(Asset.objects.filter(kind="junction"))
        Asset.objects.bulk_create(
            Asset(code=f"X{n}", kind="pipe", start=nodes[0], end=nodes[1],
                  line=(np.array([114.0, 30.0]) + random.random((3, 2)) / 50).tolist())
            for n in range(100)
        )  # fmt: skip
        pipes = tapping.Pipes()
        places = np.array([114.0, 30.0]) + random.random((200, 2)) / 50

        taps = pipes.nearest(places, farthest_m=1e6)

        for place, away in zip(places, taps.away_m, strict=True):
            every = pipes.taps(np.tile(place, (len(pipes), 1)), np.arange(len(pipes)))
            assert away == pytest.approx(every.away_m.min(), abs=0.011)


class TestValves:
    TEXT = ("编号,启闭状态,操作时间,操作人,可操作性,圈数\n"
            "V1,关闭,2026-02-11 09:30,王工,可启闭,42\n")  # fmt: skip

    def test_state_operability_and_data_are_separate_facts(self, file):
        with translation.override("zh-hans"):
            words = str(valves.choices.OPERABILITIES["operable"]), str(valves.STATES["closed"])
        text = self.TEXT.replace("可启闭", words[0]).replace("关闭", words[1])

        outcome = bring(valves, file(text))

        turn, condition = ValveTurn.objects.get(), ValveCondition.objects.get()
        assert not outcome.problems.total
        assert (turn.opening_frac, turn.turned_by) == (0.0, "王工")
        assert turn.turned_at == datetime(2026, 2, 11, 1, 30, tzinfo=UTC)
        assert condition.operability == "operable"
        assert Asset.objects.get(code="V1").details["turns"] == 42

    def test_the_same_file_again_reports_nothing(self, file):
        path = file("code,state,turned_at,operability\nV1,closed,2026-02-11 09:30,stiff\n")
        bring(valves, path)

        outcome = bring(valves, path)

        assert outcome.unchanged == 1
        assert (ValveTurn.objects.count(), ValveCondition.objects.count()) == (1, 1)

    def test_a_check_changes_nothing(self, file):
        path = file("code,state\nV1,closed\n")

        outcome = valves.check(path, path.name, {})

        assert [(d.subject, d.after) for d in outcome.differences] == [("V1", "0%")]
        assert not ValveTurn.objects.exists()

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("V9,closed,,,,", "network.valve_unknown"),
            ("V1,part,,,,", "network.opening_missing"),
            ("V1,closed,50,,,", "network.opening_contradicts"),
            ("V1,,150,,,", "network.opening_impossible"),
            ("V1,closed,,2027-01-01 00:00,,", "network.moment_to_come"),
            ("V1,,,,,-3", "network.value_impossible"),
            ("V1,ajar,,,,", "intake.cell_unreadable"),
        ],
    )
    def test_what_cannot_be_is_listed_and_left_out(self, file, row, code):
        outcome = bring(
            valves, file(f"code,state,opening_percent,turned_at,operability,turns\n{row}\n")
        )

        assert set(outcome.problems.counts) == {code}
        assert not ValveTurn.objects.exists()


CELLS = st.one_of(
    st.sampled_from(["", "C1", "V1", "P1", "Z1", "114.0", "30.0", "1e308", "-1e308", "NaN", "inf",
                     "open", "part", "2026-02-30", "=1+1", "\x00", "\u202e"]),
    st.text(max_size=10), st.floats().map(str),
)  # fmt: skip


class TestAnyTable:
    @settings(max_examples=60, deadline=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(
        module=st.sampled_from([customers, valves]),
        head=st.lists(
            st.sampled_from(["code", "lon", "lat", "x", "y", "pipe", "zone", "diameter_mm",
                             "annual_use_m3", "status", "state", "opening_percent", "turned_at",
                             "operability", "turns", "nonsense"]), min_size=2, max_size=8),
        rows=st.lists(st.lists(CELLS, max_size=9), max_size=8),
        crs=st.sampled_from(["", "EPSG:4547", "EPSG:1", "+proj=nonsense", "\x00"]),
    )  # fmt: skip
    def test_is_checked_without_a_fault_of_ours(self, tmp_path, module, head, rows, crs):
        path = tmp_path / "any.csv"
        path.write_text("\n".join(",".join(row) for row in [head, *rows]), "utf-8", "replace")

        outcome = module.check(path, path.name, {"crs": crs})

        json.dumps(outcome.as_json())


class TestTemplates:
    @pytest.mark.parametrize("module", [customers, valves])
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_are_understood_whole(self, tmp_path, module, language):
        out = io.BytesIO()
        with translation.override(language):
            module.template(out)
        path = tmp_path / "template.xlsx"
        path.write_bytes(out.getvalue())

        outcome = bring(module, path)

        assert not outcome.problems.total
        assert outcome.created == outcome.changed == 0
