"""Readings from files: layouts, clocks, units, repeats, and what is stored already."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from django.utils import translation

from huoshui.areas.telemetry import actions, contracts, facade
from huoshui.areas.telemetry.importing import readings
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db
SHANGHAI = {"time_zone": "Asia/Shanghai"}


@pytest.fixture(autouse=True)
def points(home, settings_home):
    actions.declare_points(
        [
            contracts.PointDeclaration("P1.pressure", "Gate", "东门", "pressure"),
            contracts.PointDeclaration("D3.flow", "Inlet", "进口", "flow"),
        ],
        None,
    )


@pytest.fixture
def settings_home(tmp_path, monkeypatch):
    monkeypatch.setattr(readings, "_room", lambda: tmp_path)


@pytest.fixture
def file(tmp_path):
    def write(text, name="readings.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write


def take_in():
    historian = facade.open_historian()
    try:
        historian.take_in()
    finally:
        historian.close()


def stored(code, day="2026-02-01"):
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    series = facade.readings([code], start.replace(year=2020), start.replace(year=2027))[code]
    at = series.at_us.astype("datetime64[us]")
    return [(str(a)[:16], round(float(v), 6)) for a, v in zip(at, series.value, strict=True)]


def facts(outcome):
    with translation.override("en"):
        return {str(label): str(words) for label, words in outcome.facts}


def bring(path, **options):
    outcome = readings.carry_out(path, path.name, SHANGHAI | options, None)
    if not outcome.problems.fatal:
        take_in()
    return outcome


class TestLayouts:
    def test_wide_files_have_a_column_for_each_point(self, file):
        outcome = bring(file("时间,P1.pressure,D3.flow\n2026-02-01 08:00,31.5,120\n"))

        assert outcome.created == 2
        assert stored("P1.pressure") == [("2026-02-01T00:00", 31.5)]

    def test_long_files_have_one_reading_in_a_row(self, file):
        outcome = bring(
            file("tag;ts;value;unit\nP1.pressure;2026-02-01T00:00Z;0,3;MPa\n"
                 "D3.flow;2026-02-01T00:00Z;10,5;L/s\n")
        )  # fmt: skip

        assert not outcome.problems.total
        assert stored("P1.pressure") == [("2026-02-01T00:00", 30.591486)]  # 0.3e6 / 9806.65
        assert stored("D3.flow") == [("2026-02-01T00:00", 37.8)]  # 10.5 x 3.6

    def test_parquet_is_read_with_its_own_types(self, tmp_path):
        path = tmp_path / "r.parquet"
        moments = np.array(["2026-02-01T00:00", "2026-02-01T01:00"], "datetime64[us]")
        parquet.write_table(
            pa.table({"time": pa.array(moments).cast(pa.timestamp("us", "UTC")),
                      "D3.flow": [1.0, None]}),
            path,
        )  # fmt: skip

        assert bring(path).created == 1

    def test_day_and_clock_may_be_two_columns(self, file):
        bring(file("日期,时间,P1.pressure\n2026/2/1,8:00,31.5\n"))

        assert stored("P1.pressure") == [("2026-02-01T00:00", 31.5)]

    def test_a_file_without_moments_is_refused_with_the_columns_it_has(self, file):
        outcome = bring(file("a,b\n1,2\n"))

        [problem] = outcome.problems
        assert (problem.code, problem.value) == ("telemetry.columns_missing", "a, b")


class TestMoments:
    def test_days_that_read_two_ways_are_refused_with_both(self, file):
        path = file("time,P1.pressure\n03/04/2025 10:00,30\n04/04/2025 10:00,31\n")

        [problem] = bring(path).problems

        assert problem.code == "telemetry.moments_ambiguous"
        assert "2025-04-03 10:00" in str(problem.remedy)
        assert "2025-03-04 10:00" in str(problem.remedy)

    def test_they_are_read_as_a_person_says(self, file):
        path = file("time,P1.pressure\n03/04/2025 10:00,30\n")

        bring(path, day_order="month_first")

        assert stored("P1.pressure") == [("2025-03-04T02:00", 30.0)]

    def test_the_doubled_hour_is_told_apart_and_said(self, file):
        path = file("time,D3.flow\n2025-10-26 01:00,1\n2025-10-26 02:00,2\n"
                    "2025-10-26 02:00,3\n2025-10-26 03:00,4\n")  # fmt: skip

        outcome = bring(path, time_zone="Europe/Rome")

        # 26 October 2025, 01:00 UTC: Directive 2000/84/EC.
        assert [at[11:] for at, _ in stored("D3.flow")] == ["23:00", "00:00", "01:00", "02:00"]
        assert outcome.problems.total == 0
        assert outcome.unchanged == 0

    def test_the_missing_hour_is_left_out_and_listed(self, file):
        path = file("time,D3.flow\n2025-03-30 01:00,1\n2025-03-30 02:00,2\n2025-03-30 03:00,3\n")

        outcome = bring(path, time_zone="Europe/Rome")

        assert [value for _, value in stored("D3.flow")] == [1.0, 3.0]
        assert [problem.line for problem in outcome.problems] == [3]

    def test_the_future_is_listed_and_left_out(self, file):
        outcome = bring(file("time,D3.flow\n2026-02-01 00:00,1\n2062-02-01 00:00,2\n"))

        assert outcome.created == 1
        assert set(outcome.problems.counts) == {"telemetry.moment_impossible"}


class TestUnits:
    def test_are_taken_from_the_heading(self, file):
        bring(file("time,P1.pressure (kPa)\n2026-02-01 08:00,98.0665\n"))

        assert stored("P1.pressure") == [("2026-02-01T00:00", 10.0)]

    def test_of_another_quantity_are_refused_for_that_column(self, file):
        outcome = bring(file("time,P1.pressure [L/s],D3.flow\n2026-02-01 08:00,1,2\n"))

        assert outcome.created == 1
        assert set(outcome.problems.counts) == {"telemetry.unit_of_another_kind"}

    def test_that_no_file_states_are_said_to_be_assumed(self, file):
        outcome = bring(file("time,D3.flow\n2026-02-01 08:00,1\n"))

        assert "m³/h" in facts(outcome)["D3.flow"]

    def test_counters_become_flows_by_their_differences(self, file):
        path = file("time,D3.flow [m³]\n2026-02-01 08:00,100\n2026-02-01 08:30,106\n"
                    "2026-02-01 09:00,2\n2026-02-01 10:00,12\n")  # fmt: skip

        assert bring(path).problems.counts["telemetry.counter"] == 1
        bring(path, counters="yes")

        # 6 m³ in half an hour are 12 m³/h; the counter then starts anew.
        assert stored("D3.flow") == [("2026-02-01T00:30", 12.0), ("2026-02-01T02:00", 10.0)]


class TestRepeats:
    TEXT = "time,D3.flow\n2026-02-01 08:00,1\n2026-02-01 08:00,1\n2026-02-01 08:00,2\n"

    def test_equal_ones_are_counted_and_others_listed_with_the_winner(self, file):
        outcome = bring(file(self.TEXT))

        [problem] = outcome.problems
        assert facts(outcome)["Readings that stand there more than once"] == "1"
        assert (problem.code, problem.line) == ("telemetry.conflict_in_file", 4)
        assert stored("D3.flow") == [("2026-02-01T00:00", 2.0)]

    def test_the_same_file_again_changes_nothing(self, file):
        bring(file(self.TEXT))

        outcome = bring(file(self.TEXT))

        assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 0, 1)

    def test_another_value_than_the_stored_one_is_listed_and_replaces_it(self, file):
        bring(file("time,D3.flow\n2026-02-01 08:00,1\n"))

        outcome = bring(file("time,D3.flow\n2026-02-01 08:00,5\n"))

        assert outcome.changed == 1
        assert outcome.problems.counts["telemetry.conflict_with_store"] == 1
        assert stored("D3.flow") == [("2026-02-01T00:00", 5.0)]

    def test_the_stored_one_stays_when_a_person_says_so(self, file):
        bring(file("time,D3.flow\n2026-02-01 08:00,1\n"))

        bring(file("time,D3.flow\n2026-02-01 08:00,5\n"), keep_stored="yes")

        assert stored("D3.flow") == [("2026-02-01T00:00", 1.0)]


class TestUnknownColumns:
    def test_are_offered_for_declaring(self, file):
        outcome = bring(file("time,dma_7_lps,D3.flow\n2026-02-01 08:00,1,2\n"))

        [problem] = outcome.problems
        assert (problem.code, problem.column) == ("telemetry.column_unknown", "dma_7_lps")
        assert "dma_7.flow" in str(problem.remedy)

    def test_are_declared_when_asked_for_and_known_the_next_time(self, file):
        text = "time,dma_7_lps\n2026-02-01 08:00,10\n"
        bring(file(text), declare="yes")

        again = bring(file(text))

        assert stored("dma_7.flow") == [("2026-02-01T00:00", 36.0)]
        assert again.unchanged == 1

    def test_may_be_mapped_by_a_person(self, file):
        bring(file("time,Rin\n2026-02-01 08:00,10\n"), points="Rin=D3.flow", unit="L/s")

        assert stored("D3.flow") == [("2026-02-01T00:00", 36.0)]


class TestCheck:
    def test_changes_nothing(self, file):
        path = file("time,dma_7_lps\n2026-02-01 08:00,10\n")

        outcome = readings.check(path, path.name, SHANGHAI | {"declare": "yes"})

        assert outcome.created == 1
        assert "dma_7.flow" not in facade.point_ids()
        assert not AuditRecord.objects.filter(action="telemetry.readings_imported").exists()

    def test_an_import_leaves_a_trace_in_the_audit(self, file):
        bring(file("time,D3.flow\n2026-02-01 08:00,1\n"))

        record = AuditRecord.objects.get(action="telemetry.readings_imported")
        assert record.detail["readings"] == 1

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ({"time_zone": "Mars/Base"}, "telemetry.time_zone_unknown"),
            ({"unit": "furlong"}, "telemetry.unit_unknown"),
            ({"points": "nothing"}, "telemetry.mapping_unreadable"),
            ({"time_column": "never"}, "telemetry.columns_missing"),
        ],
    )
    def test_says_which_answer_makes_no_sense(self, file, options, code):
        outcome = bring(file("time,D3.flow\n2026-02-01 08:00,1\n"), **options)

        assert outcome.problems.fatal
        assert set(outcome.problems.counts) == {code}

    def test_lists_what_is_no_number(self, file):
        outcome = bring(file("time,D3.flow\n2026-02-01 08:00,abc\n2026-02-01 09:00,1_0\n"
                             "2026-02-01 10:00,--\n2026-02-01 11:00,3\n"))  # fmt: skip

        assert [(p.line, p.value) for p in outcome.problems] == [(2, "abc"), (3, "1_0")]
        assert outcome.created == 1
