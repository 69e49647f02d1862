"""The results of a run as a file: a long table (CSV, Parquet) or a workbook of wide ones."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab import units

if TYPE_CHECKING:
    import pyarrow as pa

    from huoshui.lab.hydraulics.simulation import Simulation

SUFFIXES = (".csv", ".parquet", ".xlsx")
QUALITY_NAMES = {1: "concentration_mgl", 2: "age_h", 3: "share_percent"}
ROWS_MAX, COLUMNS_MAX = 1_048_576, 16_384
"""What a sheet of Excel holds."""


def write(found: Simulation, path: Path) -> None:
    """Write the results in the kind of file that the ending of its name says."""
    kinds = {".csv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_workbook}
    try:
        kinds[path.suffix.lower()](found, path)
    except OSError as problem:
        raise plain_files.not_written(path, problem) from problem


def _write_csv(found: Simulation, path: Path) -> None:
    from pyarrow import csv

    csv.write_csv(table(found), path)


def _write_parquet(found: Simulation, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table(found), path, compression="zstd")


def table(found: Simulation) -> pa.Table:
    """Return one row for each node and link at each report step."""
    import numpy as np
    import pyarrow as pa

    steps, nodes, links = len(found.at_s), len(found.node_ids), len(found.link_ids)
    names = np.asarray([*found.node_ids, *found.link_ids], dtype=object)
    kinds = np.asarray(["node"] * nodes + ["link"] * links, dtype=object)

    def wide(values: Any, *, of_nodes: bool) -> Any:
        other = np.full((steps, links if of_nodes else nodes), np.nan)
        both = np.concatenate([values, other] if of_nodes else [other, values], axis=1)
        return pa.array(both.ravel(), from_pandas=True)

    columns = {
        "time_s": pa.array(np.repeat(found.at_s, nodes + links)),
        "kind": pa.array(np.tile(kinds, steps)).dictionary_encode(),
        "id": pa.array(np.tile(names, steps)).dictionary_encode(),
        "head_m": wide(found.heads_m, of_nodes=True),
        "pressure_m": wide(found.pressures_m, of_nodes=True),
        "demand_lps": wide(found.demands_m3s / units.M3S_PER_LPS, of_nodes=True),
        "flow_lps": wide(found.flows_m3s / units.M3S_PER_LPS, of_nodes=False),
        "velocity_ms": wide(found.velocities_ms, of_nodes=False),
    }
    if found.quality_kind:
        columns[QUALITY_NAMES[int(found.quality_kind)]] = wide(found.quality, of_nodes=True)
    return pa.table(columns)


def _write_workbook(found: Simulation, path: Path) -> None:
    """Write a sheet for each quantity: a row for each moment, a column for each node or link."""
    import xlsxwriter

    most = max(len(found.node_ids), len(found.link_ids)) + 1
    if most > COLUMNS_MAX or len(found.at_s) + 1 > ROWS_MAX:
        raise errors.Refused(
            "cli.too_large_for_excel",
            _("A sheet of Excel holds %(columns)d columns and %(rows)d rows; this run needs "
              "%(most)d and %(steps)d.")
            % {"columns": COLUMNS_MAX, "rows": ROWS_MAX, "most": most,
               "steps": len(found.at_s) + 1},
            data={"columns": most, "rows": len(found.at_s) + 1},
            next_step=_("Name a file that ends in .csv or .parquet."),
        )  # fmt: skip
    # Whatever a node is called, it is a word here and no formula.
    choices = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with path.open("wb") as file, xlsxwriter.Workbook(file, choices) as book:
        bold = book.add_format({"bold": True})
        for name, objects, values in _sheets(found):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            for column, word in enumerate(("time_h", *objects)):
                sheet.write_string(0, column, word, bold)
            for row, (at_s, line) in enumerate(zip(found.at_s, values, strict=True), start=1):
                sheet.write_number(row, 0, at_s / units.S_PER_HOUR)
                for column, value in enumerate(line.tolist(), start=1):
                    if math.isfinite(value):
                        sheet.write_number(row, column, round(value, 6))


def _sheets(found: Simulation) -> list[tuple[str, tuple[str, ...], Any]]:
    sheets = [
        ("pressure_m", found.node_ids, found.pressures_m),
        ("head_m", found.node_ids, found.heads_m),
        ("demand_lps", found.node_ids, found.demands_m3s / units.M3S_PER_LPS),
        ("flow_lps", found.link_ids, found.flows_m3s / units.M3S_PER_LPS),
        ("velocity_ms", found.link_ids, found.velocities_ms),
    ]
    if found.quality_kind:
        sheets.append((QUALITY_NAMES[int(found.quality_kind)], found.node_ids, found.quality))
    return sheets
