"""Refusals of plain files, in the reader's language: where, what stands there, what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from huoshui.cli.speaking import gettext
from huoshui.cli.speaking import mark as _
from huoshui.kernel import errors
from huoshui.lab.series.scada_files import UnreadableFile

SHOWN = 20

WORDS = {
    "empty": (_("The file is empty."), _("Choose another file.")),
    "damaged": (_("The gzip file is damaged."), _("Copy it again from where it came from.")),
    "no_separator": (
        _("The heading has no columns."),
        _("Part the columns by commas or semicolons; the first one is the time."),
    ),
    "heading_twice": (_("Two columns have one name."), _("Rename one of them.")),
    "no_moment": (_("A row has no time."), _("Write one, or delete the row.")),
    "not_a_moment": (_("This is no time."), _("Write it as 2019-01-31 13:05.")),
    "not_a_number": (
        _("This is no number."),
        _("Correct it, or leave the cell empty where nothing is known."),
    ),
    "point_for_comma": (
        _("Here is a decimal point, elsewhere in the file there are decimal commas."),
        _("Write all numbers of the file in one way."),
    ),
    "no_rows": (_("There is a heading and no row."), _("Choose a file with measurements.")),
    "cell_count": (
        _("The row has more or fewer cells than the heading."),
        _("Look for a missing or an extra separator; decimal commas need semicolons between."),
    ),
    "too_few_values": (
        _("Values are missing from the row."),
        _("Reports are written link, start; leaks link, start, end."),
    ),
    "no_event": (
        _("Values are missing from the row."),
        _("Events are written from, until, what."),
    ),
    "event_ends_before": (
        _("The event ends before it begins."),
        _("Exchange the two times."),
    ),
    "ends_before_start": (_("The leak ends before it starts."), _("Exchange the two times.")),
    "no_column": (
        _("The heading lacks columns."),
        _("A table of pipes has id, from, to, length_m; also diameter_mm and kind."),
    ),
    "no_name": (_("A name is missing."), _("Write the pipe, and the nodes at both of its ends.")),
    "no_kind": (
        _("This kind is not known."),
        _("Write pipe, valve, pump, regulator or closed, or nothing for a pipe."),
    ),
    "pipe_twice": (_("Two pipes have one name."), _("Give each pipe a name of its own.")),
    "not_a_length": (
        _("This is no length and no diameter."),
        _("Write a number above zero: length in m, diameter in mm."),
    ),
    "no_table": (
        _("This is no table of measurements."),
        _("The first column is the time, each further one a sensor."),
    ),
}


REASONS = {
    errno.ENOENT: _("there is no such file or folder"),
    errno.EISDIR: _("it is a folder"),
    errno.ENOTDIR: _("a part of its path is a file"),
    errno.EACCES: _("you may not"),
    errno.EPERM: _("you may not"),
    errno.EROFS: _("the disk can only be read"),
    errno.ENOSPC: _("the disk is full"),
}


def reason(problem: OSError) -> str:
    """Return why the system refused a file, in the reader's language where it is a usual reason."""
    usual = REASONS.get(problem.errno or 0)
    return gettext(usual) if usual else problem.strerror or type(problem).__name__


def not_written(path: Path, problem: OSError) -> errors.Refused:
    """Return what a person is told about a file that cannot be written."""
    return errors.Refused(
        "cli.file_not_written",
        gettext("%(file)s cannot be written: %(why)s.") % {"file": path, "why": reason(problem)},
        data={"file": str(path)},
        next_step=gettext("Choose a folder in which you may write."),
    )


def place(path: Path, line: int | None = None, column: str = "") -> str:
    """Return where something stands in a file."""
    parts = [str(path)]
    if line:
        parts.append(gettext("line %(line)d") % {"line": line})
    if column:
        parts.append(gettext("column %(column)s") % {"column": column})
    return gettext(", ").join(parts)


def refusal(problem: UnreadableFile | OSError) -> errors.Refused:
    """Return what a person is told about a file that cannot be used."""
    if isinstance(problem, OSError):
        name = str(problem.filename or "")
        return errors.Refused(
            "cli.file_not_opened",
            gettext("%(file)s cannot be opened: %(why)s.") % {"file": name, "why": reason(problem)},
            data={"file": name},
            next_step=gettext("Look at the name and at who may read it."),
        )
    listed = [problem, *problem.others]
    lines = [_said(one) for one in listed[:SHOWN]]
    if len(listed) > SHOWN:
        lines.append(gettext("… and %(count)d more") % {"count": len(listed) - SHOWN})
    remedies = dict.fromkeys(gettext(WORDS[one.why][1]) for one in listed)
    return errors.Refused(
        "cli.file_unreadable",
        "\n".join(lines),
        data={
            "file": str(problem.path), "line": problem.line, "column": problem.column,
            "value": problem.value, "why": problem.why,
            "others": [
                {"line": one.line, "column": one.column, "value": one.value, "why": one.why}
                for one in problem.others
            ],
        },
        next_step="\n".join(remedies),
    )  # fmt: skip


def _said(one: UnreadableFile) -> str:
    shown = "".join(sign if sign.isprintable() else "·" for sign in one.value)
    value = f" [{shown}]" if shown else ""
    where = place(one.path, one.line, one.column)
    return gettext("%(place)s: %(what)s") % {
        "place": where,
        "what": f"{gettext(WORDS[one.why][0])}{value}",
    }
