"""Whatever a file holds, an import ends with an outcome: no exception, no hang, bounded memory."""

from __future__ import annotations

import functools
import io
import json
import subprocess
import sys
import textwrap

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.areas.telemetry.importing import points, readings
from huoshui.kernel.intake import report

pytestmark = pytest.mark.django_db
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CELLS = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "1e999", "NaN", "=1+1", "@SUM(A1)", "2021-02-30", "2021-03-28 02:30",
         "99999999999999", "03/04/2021", "\u202e", "\x00", "'", '"', "城", "L/s", "1,5", "true",
         "../../x", "9" * 400]
    ),
    st.text(max_size=12),
    st.floats().map(str),
    st.datetimes().map(str),
)  # fmt: skip
HEADINGS = st.sampled_from(
    ["time", "date", "时间", "point", "value", "unit", "quality", "P1.flow", "x [L/s]", "code",
     "kind", "limit_low", "编号", "zone_code", "", "value"]
)  # fmt: skip
OPTIONS = st.sampled_from(
    ["time_zone", "unit", "points", "layout", "day_order", "time_column", "point_column",
     "value_column", "sheet"]
)  # fmt: skip
TABLES = st.lists(HEADINGS, min_size=1, max_size=6).flatmap(
    lambda head: st.lists(st.lists(CELLS, min_size=0, max_size=len(head) + 1), max_size=12).map(
        lambda rows: [head, *rows]
    )
)


@pytest.fixture(autouse=True)
def room(home, tmp_path, monkeypatch):
    monkeypatch.setattr(readings, "_room", lambda: tmp_path)


def written(rows, separator):
    return "\n".join(separator.join(row) for row in rows).encode("utf-8", "surrogatepass")


@functools.cache
def sound_workbook() -> bytes:
    """Return a sound workbook, made once: it holds the moment of its making."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([("time", "dma_1_lps"), ("2021-01-01 00:00", 1.5)]):
            sheet.write_row(row, 0, cells)
    return file.getvalue()


class TestAnyTable:
    @QUICK
    @given(rows=TABLES, separator=st.sampled_from([",", ";", "\t"]), declare=st.booleans())
    def test_of_readings_is_checked_without_a_fault_of_ours(
        self, tmp_path, rows, separator, declare
    ):
        path = tmp_path / "any.csv"
        path.write_bytes(written(rows, separator))

        outcome = readings.check(
            path, path.name, {"declare": "yes" if declare else "", "counters": "yes"}
        )

        json.dumps(outcome.as_json())
        report.text(outcome.problems)

    @QUICK
    @given(rows=TABLES)
    def test_of_points_is_checked_without_a_fault_of_ours(self, tmp_path, rows):
        path = tmp_path / "any.csv"
        path.write_bytes(written(rows, ","))

        json.dumps(points.check(path, path.name, {}).as_json())

    @QUICK
    @given(st.dictionaries(OPTIONS, st.text(max_size=20)))
    def test_any_answers_are_taken_or_refused_in_words(self, tmp_path, options):
        path = tmp_path / "good.csv"
        path.write_text("time,dma_1_lps\n2021-01-01 00:00,1\n")

        readings.check(path, path.name, options)

    @settings(parent=QUICK, max_examples=40)
    @given(data=st.data())
    def test_a_damaged_workbook_is_no_fault_of_ours(self, tmp_path, data):
        content = bytearray(sound_workbook())
        for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
            content[place] ^= data.draw(st.integers(1, 255))
        path = tmp_path / "damaged.xlsx"
        path.write_bytes(content)

        readings.check(path, path.name, {"declare": "yes"})


class TestMemory:
    CHILD = textwrap.dedent(
        """
        import os, resource, sys
        limit = 3 << 30
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (240, 240))
        from pathlib import Path
        from huoshui.kernel.intake import tables
        table = tables.open_table(Path(sys.argv[1]))
        rows = sum(1 for _ in table.records)
        # Not ru_maxrss: a child inherits in it what its parent held when it was born.
        said = Path("/proc/self/status").read_text()
        peak_kb = said.partition("VmHWM:")[2].split()[0]
        print(rows, table.problems.total, peak_kb)
        """
    )

    @pytest.mark.parametrize(
        ("piece", "times"),
        [
            (b"x" * 1_000_000, 100),  # one line of 100 MB
            (b'"' + b"a,b\n" * 250_000, 100),  # quotation marks that never end
            (b";,|\t" * 100 + b"\n", 250_000),
            (bytes(range(32, 256)) * 40 + b"\n", 11_000),
        ],
        ids=["one-line", "open-quotes", "separators", "signs"],
    )
    def test_is_bounded_for_rubbish_of_a_hundred_megabytes(self, tmp_path, piece, times):
        path = tmp_path / "rubbish.csv"
        with path.open("wb") as out:
            for _ in range(times):
                out.write(piece)

        run = subprocess.run(
            [sys.executable, "-c", self.CHILD, str(path)],
            capture_output=True, text=True, check=False, timeout=240,
            env={"DJANGO_SETTINGS_MODULE": "huoshui.project.settings", "PATH": ""}
            | {"PYTHONPATH": ":".join(sys.path)},
        )  # fmt: skip

        assert run.returncode == 0, run.stderr[-2000:]
        peak_kb = int(run.stdout.split()[-1])
        assert peak_kb < 400_000
