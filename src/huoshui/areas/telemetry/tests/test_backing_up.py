"""A copy of the lake is whole when every file that its log names is there."""

from __future__ import annotations

import shutil

import pyarrow as pa
from deltalake import write_deltalake

from huoshui.areas.telemetry import backing_up


class TestMissingFromTheLake:
    def test_finds_a_file_that_the_log_names_and_the_copy_lacks(self, tmp_path):
        table = tmp_path / "home/historian/lake/readings"
        rows = pa.table({"value": [1.0, 2.0], "month": ["2026-03", "2026-04"]})
        write_deltalake(str(table), rows, partition_by=["month"])
        shutil.copytree(tmp_path / "home", tmp_path / "copy")
        assert backing_up.missing_from_the_lake(tmp_path / "copy") == []

        lost = next((tmp_path / "copy").rglob("month=2026-03/*.parquet"))
        lost.unlink()

        (problem,) = backing_up.missing_from_the_lake(tmp_path / "copy")
        assert lost.name in problem

    def test_finds_a_log_that_cannot_be_read(self, tmp_path):
        log = tmp_path / "historian/lake/readings/_delta_log"
        log.mkdir(parents=True)
        (log / "00000000000000000000.json").write_text("torn")

        assert len(backing_up.missing_from_the_lake(tmp_path)) == 1

    def test_needs_no_lake(self, tmp_path):
        assert backing_up.missing_from_the_lake(tmp_path) == []
