"""Parquet files, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel.intake import tables
from huoshui.kernel.intake.problems import Found
from huoshui.kernel.intake.tables import Limits, Table

ROWS_AT_ONCE = 20_000


def fill(table: Table, path: Path, call: str, limits: Limits) -> None:
    """Give the table the columns of the file's schema and its rows, numbered from 1."""
    import pyarrow.parquet as parquet

    try:
        opened = parquet.ParquetFile(path, memory_map=False)
        names = list(opened.schema_arrow.names)
        rows = opened.metadata.num_rows
        group = max(
            (opened.metadata.row_group(i).total_byte_size for i in range(opened.num_row_groups)),
            default=0,
        )
    except Exception as cause:
        # A damaged file makes the library raise whatever its parts happen to raise.
        table.problems.add(tables.unreadable(call, type(cause).__name__))
        return
    if rows > limits.rows or group > limits.unpacked_bytes:
        table.problems.add(
            tables.too_large(call, _("The table has more rows than can be read."), rows)
        )
        return
    table.about = {"form": "parquet", "decimal": "."}
    table.header_line = 0
    table.columns = tables.headings(names, call, 0, table.problems, limits)
    table.records = _records(opened, call, table.problems)


def _records(opened: Any, call: str, problems: Found) -> Iterator[tuple[int, list[Any]]]:
    line = 0
    try:
        for batch in opened.iter_batches(batch_size=ROWS_AT_ONCE, use_threads=False):
            columns = [column.to_pylist() for column in batch.columns]
            for cells in zip(*columns, strict=True):
                line += 1
                yield line, list(cells)
    except GeneratorExit:
        raise
    except Exception as cause:
        problems.add(tables.unreadable(call, type(cause).__name__))
