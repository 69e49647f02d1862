"""Files dropped into a folder: once each, never half, never through a link."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.areas.telemetry.contracts import Batch, Receipt
from huoshui.connecting.tests.keeping import Store, Working, eventually
from huoshui.connectors.files import watcher
from huoshui.connectors.files.tables import Mapping, TableFile

LONG = "time,point,value\n2026-03-01 08:00:00,a,1.5\n2026-03-01 08:05:00,a,2.5\n"
WIDE = "时间;a;b\n2026-03-01 08:00;1,5;7\n2026-03-01 08:05;2,5;\n"
QUICK = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
EIGHT_US = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z is 08:00 in Shanghai


def connector(folder: Path, store: Store, **mapping: str) -> watcher.Connector:
    options = watcher.Options(folder, Mapping(**mapping), every_s=0.05, language="en")
    return watcher.Connector("drop", options, store, store.report)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def settled(folder: Path) -> Callable[[], bool]:
    def look() -> bool:
        if not (folder / "refused").exists():
            return False
        dropped = [one for one in folder.iterdir() if one.is_file() and one.name != "taken.txt"]
        return not dropped and not list((folder / "working").iterdir())

    return look


class TestTakingIn:
    @pytest.mark.parametrize("text", [LONG, WIDE], ids=["long", "wide"])
    def test_stores_readings_by_the_wall_clock_of_the_source(self, tmp_path, text):
        store = Store("a", "b")
        (tmp_path / "report.csv").write_text(text, "utf-8")
        with Working(connector(tmp_path, store)):
            eventually(settled(tmp_path))

        first = next(row for row in store.rows if row[0] == "a")
        assert first[:3] == ("a", EIGHT_US, 1.5)
        assert store.values("a") == [1.5, 2.5]
        assert names(tmp_path / "done") == ["report.csv"]

    def test_takes_the_same_content_once_whatever_its_name(self, tmp_path):
        store = Store("a")
        with Working(connector(tmp_path, store)):
            (tmp_path / "one.csv").write_text(LONG)
            eventually(lambda: len(store.rows) == 2)
            (tmp_path / "two.csv").write_text(LONG)
            eventually(lambda: len(names(tmp_path / "done")) == 2)

        assert len(store.rows) == 2

    def test_remembers_across_a_restart(self, tmp_path):
        store = Store("a")
        for name in ("one.csv", "two.csv"):
            (tmp_path / name).write_text(LONG)
            with Working(connector(tmp_path, store)):
                eventually(settled(tmp_path))

        assert len(store.rows) == 2

    def test_reads_the_same_content_anew_after_the_mapping_was_corrected(self, tmp_path):
        text = "time,point,first,second\n2026-03-01 08:00:00,a,1.5,7.5\n"
        store = Store("a")
        for value in ("first", "second"):
            (tmp_path / "report.csv").write_text(text)
            with Working(connector(tmp_path, store, value=value)):
                eventually(settled(tmp_path))

        assert store.values("a") == [1.5, 7.5]

    def test_goes_on_with_what_was_under_way_when_it_was_killed(self, tmp_path):
        store = Store("a")
        (tmp_path / "working").mkdir()
        (tmp_path / "working" / "half.csv").write_text(LONG)
        with Working(connector(tmp_path, store)):
            eventually(settled(tmp_path))

        assert store.values("a") == [1.5, 2.5]

    def test_waits_until_a_file_is_whole(self, tmp_path):
        store = Store("a")
        with Working(connector(tmp_path, store)), (tmp_path / "slow.csv").open("w") as file:
            file.write("time,point,value\n")
            for minute in range(20):
                file.write(f"2026-03-01 08:{minute:02}:00,a,{minute}\n")
                file.flush()
                os.utime(tmp_path / "slow.csv", ns=(minute, minute))
            (tmp_path / "other.csv.part").write_text(LONG)
            eventually(lambda: len(store.rows) == 20)

        assert (tmp_path / "other.csv.part").exists()

    def test_keeps_a_file_in_work_while_the_store_refuses(self, tmp_path):
        store = Store("a")
        store.failures = [OSError("disk full")]
        (tmp_path / "report.csv").write_text(LONG)
        with Working(connector(tmp_path, store)) as work:
            eventually(lambda: len(store.rows) == 2)
            assert work.connector.health.report().store_failures == 1

    def test_puts_the_problems_of_single_rows_beside_the_file(self, tmp_path):
        store = Store("a")
        (tmp_path / "r.csv").write_text(LONG + "never,a,1\n2026-03-01 09:00:00,a,wet\n")
        with Working(connector(tmp_path, store)):
            eventually(settled(tmp_path))

        report = next((tmp_path / "done").rglob("*.problems.txt")).read_text()
        assert "line 4" in report
        assert "line 5" in report
        assert store.values("a") == [1.5, 2.5]


class TestRefusing:
    @pytest.mark.parametrize(
        "content", [b"", b"\x00" * 5000, b"%PDF-1.7", b"a,b\n1,2\n", os.urandom(4000)]
    )
    def test_puts_away_what_is_no_table_and_says_why(self, tmp_path, content):
        store = Store("a")
        (tmp_path / "rubbish.csv").write_bytes(content)
        with Working(connector(tmp_path, store)):
            eventually(settled(tmp_path))

        assert store.rows == []
        assert names(tmp_path / "refused") == ["rubbish.csv", "rubbish.csv.problems.txt"]

    def test_sets_aside_what_it_may_not_read_and_goes_on(self, tmp_path, monkeypatch):
        really = os.open

        def guarded(path, *rest):
            if str(path).endswith("foreign.csv"):
                raise PermissionError(13, "Permission denied")
            return really(path, *rest)

        monkeypatch.setattr("huoshui.connectors.files.folder.os.open", guarded)
        (tmp_path / "foreign.csv").write_text(LONG)
        (tmp_path / "later.csv").write_text(LONG)
        store = Store("a")
        with Working(connector(tmp_path, store)) as work:
            eventually(lambda: names(tmp_path / "done") == ["later.csv"])

        assert names(tmp_path / "refused") == ["foreign.csv"]
        assert "files.not_allowed" in {one.code for one in work.connector.health.report().problems}

    def test_never_follows_a_link_and_says_so(self, tmp_path):
        secret = tmp_path / "secret.csv"
        secret.write_text(LONG)
        drop = tmp_path / "drop"
        drop.mkdir()
        (drop / "link.csv").symlink_to(secret)
        (drop / "folder.csv").symlink_to(tmp_path)
        store = Store("a")
        with Working(connector(drop, store)) as work:
            eventually(lambda: len(work.connector.health.report().problems) == 2)

        assert store.rows == []
        assert secret.exists()
        assert (drop / "link.csv").is_symlink()

    def test_does_not_write_through_a_link_in_place_of_its_folders(self, tmp_path):
        drop, elsewhere = tmp_path / "drop", tmp_path / "elsewhere"
        drop.mkdir()
        elsewhere.mkdir()
        (drop / "done").symlink_to(elsewhere)
        (drop / "r.csv").write_text(LONG)
        store = Store("a")
        with Working(connector(drop, store)) as work:
            eventually(lambda: work.connector.health.state == "disconnected")

        assert list(elsewhere.iterdir()) == []
        assert work.connector.health.report().problems[0].code == "files.folder_unusable"

    @pytest.mark.parametrize("name", ["-rf.csv", "a\nb.csv", "x" * 200 + ".csv", "=1+1.csv"])
    def test_takes_strange_names_for_names(self, tmp_path, name):
        store = Store("a")
        (tmp_path / name).write_text(LONG)
        with Working(connector(tmp_path, store)):
            eventually(settled(tmp_path))

        assert store.values("a") == [1.5, 2.5]


class TestTables:
    @given(st.binary(max_size=500))
    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
    )
    def test_never_raise_for_anything_in_a_file(self, tmp_path, content):
        path = tmp_path / "x.csv"
        path.write_bytes(content)
        list(TableFile(path, "x.csv", Mapping()).parts(lambda code: -1))

    @given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=12))
    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
    )
    def test_never_raise_for_rows_below_the_right_columns(self, tmp_path, rows):
        path = tmp_path / "x.csv"
        lines = "\n".join(",".join(cells) for cells in rows)
        path.write_text(LONG + lines, "utf-8", errors="replace")
        list(TableFile(path, "x.csv", Mapping()).parts(lambda code: -1))

    def test_reads_excel_and_parquet_like_csv(self, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq
        import xlsxwriter

        book = xlsxwriter.Workbook(tmp_path / "x.xlsx")
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["time", "point", "value"])
        sheet.write_row(1, 0, ["2026-03-01 08:00:00", "a", 1.5])
        book.close()
        columns = {"time": ["2026-03-01 08:00:00"], "point": ["a"], "value": [1.5]}
        pq.write_table(pa.table(columns), tmp_path / "x.parquet")
        for name in ("x.xlsx", "x.parquet"):
            parts = list(TableFile(tmp_path / name, name, Mapping()).parts(lambda code: 3))
            assert [(list(p.point_id), list(p.at_us), list(p.value)) for p in parts] == [
                ([3], [EIGHT_US], [1.5])
            ]


class Unstoppable(Store):
    """A store that is asked to stop the connector while it stores the first part."""

    connector: watcher.Connector

    def accept_many(self, batches: list[Batch]) -> list[Receipt]:
        self.connector.stop()
        raise OSError("disk full")


class TestStopping:
    def test_leaves_the_file_in_work_for_the_next_start(self, tmp_path):
        (tmp_path / "r.csv").write_text(LONG)
        store = Unstoppable("a")
        store.connector = connector(tmp_path, store)
        store.connector.run()
        assert names(tmp_path / "working") == ["r.csv"]

        again = Store("a")
        with Working(connector(tmp_path, again)):
            eventually(settled(tmp_path))
        assert again.values("a") == [1.5, 2.5]
