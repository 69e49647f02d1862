"""One model run on the two-village world.

    R (50 m) ---- P1 (meter) ---- A ---- P2 ---- B (pressure sensor)

The file's demand is 54 m³/h; the meter decides how much really flows.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.areas.twin import actions, models, rules
from huoshui.democity import worlds
from huoshui.kernel.accounts.models import User

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def villages(tmp_path):
    """The network imported, with a flow and a pressure point."""
    world = worlds.two_pipes()
    path = tmp_path / "two_pipes.inp"
    path.write_text(world.inp_text)
    crs = network.local_grid(lon=world.lon, lat=world.lat)
    assert network.import_inp(path, crs=crs, by_id=None).ok
    points = [("P1.flow", "flow", "P1"), ("B.pressure", "pressure", "B")]
    telemetry.declare_points(
        [
            telemetry_contracts.PointDeclaration(
                code=code, name_en=code, name_zh=code, kind=kind, asset_code=asset
            )
            for code, kind, asset in points
        ],
        None,
    )
    return world


@pytest.fixture
def measure(monkeypatch):
    """Say what the meters show: the store itself has its own tests."""

    def say(values, at=NOON, quality=telemetry_contracts.Quality.GOOD):
        latest = {
            code: SimpleNamespace(at_us=telemetry_contracts.to_us(at), value=value, quality=quality)
            for code, value in values.items()
        }
        monkeypatch.setattr(telemetry, "latest", lambda codes=None: latest)
        monkeypatch.setattr(telemetry, "readings", lambda *args, **kwargs: {})

    return say


class TestRunPresent:
    def test_meets_the_measured_inflow_and_loses_no_water(self, villages, measure):
        measure({"P1.flow": 27.0})

        run = actions.run_present(NOON)

        assert run.problem == ""
        assert run.figures["links"]["P1"][0] == pytest.approx(27.0, abs=0.01)
        # A and B keep their shares of the file, 36 to 18.
        assert run.figures["links"]["P2"][0] == pytest.approx(9.0, abs=0.01)
        assert run.inputs["areas"] == [{"meters": ["P1"], "factor": pytest.approx(0.5)}]

    def test_computes_what_was_approved_since_the_file(self, villages, measure):
        """Hazen-Williams: at the same flow the loss goes with diameter to the power of -4.87."""
        measure({})
        before = actions.run_present(NOON).figures["nodes"]
        asset = network.asset("P2")
        by, other = (User.objects.create(username=name, name=name, created_at=NOON)
                     for name in ("drawer", "approver"))  # fmt: skip
        number = network.draw_change(
            "wider", [("modify", "P2", {"attributes": {"diameter_mm": asset.diameter_mm * 2}})],
            by_id=by.pk,
        )  # fmt: skip
        network.submit_change(number, by_id=by.pk)
        network.approve_change(number, by_id=other.pk)

        after = actions.run_present(NOON + timedelta(hours=1)).figures["nodes"]

        assert after["A"] == pytest.approx(before["A"], abs=1e-3)
        level = {code: network.asset(code).elevation_m for code in "AB"}
        loss = {
            name: (found["A"] + level["A"]) - (found["B"] + level["B"])
            for name, found in (("before", before), ("after", after))
        }
        assert loss["before"] > 0.5
        assert loss["after"] == pytest.approx(loss["before"] / 2**4.871, rel=0.01, abs=2e-3)

    @pytest.mark.parametrize(("measured", "p2_m3h"), [({}, 36.0), ({"P1.flow": 126.0}, 18.0)])
    def test_reads_patterns_and_multiplier_as_the_file_means_them(
        self, villages, measure, tmp_path, measured, p2_m3h
    ):
        # Hourly values, at noon 3, for A's 36 m³/h alone; all of it twice: 216 at A, 36 at B.
        hours = " ".join(["1"] * 12 + ["3"] + ["1"] * 11)
        text = villages.inp_text.replace(
            "[END]", f"[PATTERNS]\n DAY {hours}\n[DEMANDS]\n A 36 DAY\n"
        )
        text = text.replace("[OPTIONS]", "[OPTIONS]\n Demand Multiplier 2") + "[END]\n"
        path = tmp_path / "patterns.inp"
        path.write_text(text)
        crs = network.local_grid(lon=villages.lon, lat=villages.lat)
        assert network.import_inp(path, crs=crs, by_id=None).ok
        measure(measured)

        run = actions.run_present(NOON)

        assert run.figures["links"]["P2"][0] == pytest.approx(p2_m3h, abs=0.01)

    def test_states_how_far_it_is_from_the_sensors(self, villages, measure):
        measure({"P1.flow": 54.0})
        pressure_m = actions.run_present(NOON).figures["nodes"]["B"]
        measure({"P1.flow": 54.0, "B.pressure": pressure_m + 0.4})

        run = actions.run_present(NOON + timedelta(minutes=15))

        assert run.sensors == 1
        assert run.pressure_error_m == pytest.approx(0.4, abs=0.002)

    @pytest.mark.parametrize(
        ("why", "reading"),
        [
            ("too old", {"at": NOON - rules.FRESH - timedelta(minutes=1)}),
            ("bad", {"quality": telemetry_contracts.Quality.BAD}),
        ],
    )
    def test_does_not_use_a_reading_that_is(self, villages, measure, why, reading):
        measure({"P1.flow": 27.0}, **reading)

        run = actions.run_present(NOON)

        assert run.figures["links"]["P1"][0] == pytest.approx(54.0, abs=0.01)
        assert run.inputs["areas"] == []

    def test_keeps_figures_of_the_newest_run_only(self, villages, measure):
        measure({"P1.flow": 27.0})

        older = actions.run_present(NOON)
        newer = actions.run_present(NOON + timedelta(minutes=15))

        older.refresh_from_db()
        assert older.figures is None
        assert newer.figures is not None

    def test_runs_once_for_one_moment(self, villages, measure):
        measure({"P1.flow": 27.0})

        actions.run_present(NOON)

        assert actions.run_present(NOON) is None
        assert models.ModelRun.objects.count() == 1

    def test_does_nothing_without_a_network(self):
        assert actions.run_present(NOON) is None


class TestDemandFactor:
    @pytest.mark.parametrize(
        ("measured_m3s", "file_m3s", "factor"),
        [
            (0.010, 0.020, 0.5),
            (0.0, 0.020, None),
            (np.nan, 0.020, None),
            (1.0, 0.020, None),
            (0.010, 0.0, None),
        ],
    )
    def test_is_known_only_where_a_meter_makes_sense(self, measured_m3s, file_m3s, factor):
        found = rules.demand_factor(measured_m3s=measured_m3s, file_m3s=file_m3s)

        assert found == (None if factor is None else pytest.approx(factor))


class TestPatternPlace:
    def test_begins_on_monday_and_repeats(self):
        monday = datetime(2026, 3, 2, 0, 10, tzinfo=UTC)

        assert rules.pattern_place(monday, periods=2016, step_s=300) == 2
        assert rules.pattern_place(monday, periods=2, step_s=300) == 0

    def test_holds_each_multiplier_as_long_as_the_file_says(self):
        tuesday = datetime(2026, 3, 3, 13, 59, tzinfo=UTC)

        assert rules.pattern_place(tuesday, periods=24, step_s=3600) == 13
