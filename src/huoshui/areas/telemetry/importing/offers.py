"""What may be imported into telemetry, told to the kernel when the program starts.

What does the work is loaded when somebody imports: it would slow down the start of every process.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import settings
from huoshui.kernel.intake import kinds
from huoshui.kernel.intake.kinds import Option

LAYOUTS = {"wide": _("wide: one column for each point"), "long": _("long: one reading in a row")}

READING_OPTIONS = (
    Option(
        "time_zone",
        _("Time zone"),
        _("Of the clocks that the moments were read from, such as Asia/Shanghai."),
        default=lambda: settings.get().time_zone,
    ),
    Option("unit", _("Unit"), _("For columns that state none, such as L/s, m³/h or kPa.")),
    Option(
        "layout",
        _("Layout"),
        _("Found out by itself where nothing is said."),
        choices=tuple(LAYOUTS.items()),
    ),
    Option(
        "day_order",
        _("Days written as 3/4/2021"),
        choices=(("day_first", _("day first")), ("month_first", _("month first"))),
    ),
    Option(
        "points",
        _("Columns and their points"),
        _("column=point, several with semicolons between them."),
    ),
    Option("time_column", _("Column of the time")),
    Option("point_column", _("Column of the point")),
    Option("value_column", _("Column of the value")),
    Option("sheet", _("Sheet of the workbook")),
    Option(
        "declare",
        _("Declare unknown points"),
        _("Their kind is taken from the unit or the name."),
        is_flag=True,
    ),
    Option(
        "counters",
        _("Make flows of counters"),
        _("From the differences of a counted volume."),
        is_flag=True,
    ),
    Option(
        "keep_stored",
        _("Stored values stay"),
        _("Otherwise the file replaces what is stored differently."),
        is_flag=True,
    ),
)


def _points() -> Any:
    from huoshui.areas.telemetry.importing import points

    return points


def _readings() -> Any:
    from huoshui.areas.telemetry.importing import readings

    return readings


def _rules() -> Any:
    from huoshui.areas.telemetry.importing import rules

    return rules


def declare() -> None:
    """Offer the imports of telemetry on the command line and the pages."""
    kinds.declare_kind(
        kinds.of_module(
            _points,
            code="points",
            label=_("Points"),
            description=_("What is measured where, with limits and the instrument's range."),
            permission="telemetry.import",
            counted=_("points"),
            options=(Option("sheet", _("Sheet of the workbook")),),
            order=30,
        )
    )
    kinds.declare_kind(
        kinds.of_module(
            _readings,
            has_template=False,
            code="readings",
            label=_("Readings"),
            description=_(
                "Measurements of any time, from CSV, Excel or Parquet: one column for each point, "
                "or one reading in a row."
            ),
            permission="telemetry.import",
            counted=_("readings"),
            options=READING_OPTIONS,
            order=40,
        )
    )
    kinds.declare_kind(
        kinds.of_module(
            _rules,
            code="alarm-rules",
            label=_("Alarm rules"),
            description=_("What counts as wrong and what follows, from Excel, CSV or TOML text."),
            permission="telemetry.manage_rules",
            counted=_("rules"),
            order=50,
        )
    )
