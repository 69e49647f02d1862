"""The plan of the pipes from a geographic information system or a drawing, for `--pipes`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors

if TYPE_CHECKING:
    from huoshui.areas.network.contracts import FilePlan, ImportProblem
    from huoshui.lab.leakage.pipe_plan import PipePlan

SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".dxf", ".zip")
SHOWN = 20
MOVED_WORTH_TELLING_M = 1.0


def read(path: Path, *, crs: str, named: Sequence[str]) -> PipePlan:
    """Return the pipes of a file as they are joined; says what was left out.

    Parameters
    ----------
    named : sequence of str
        Sensors and inlets. Where one is a point beside the pipes, the nearest node stands for it.
    """
    speaking.begin()
    from huoshui.areas.network import facade as network

    found = network.read_plan(path, name=path.name, crs=crs)
    if found.refused:
        raise _refusal(path, found.problems)
    _tell(path, found.problems)
    return _plan(found, named)


def _plan(found: FilePlan, named: Sequence[str]) -> PipePlan:
    import numpy as np

    from huoshui.lab.leakage.pipe_plan import MM_PER_M, PipePlan

    rows = [
        (one.code, one.start, one.end, one.length_m, one.diameter_mm, one.parts_heads)
        for one in found.links
    ]
    for name in dict.fromkeys(named):
        if name in found.moved:
            node, away_m = found.moved[name]
            rows.append((name, name, node, 0.0, None, False))
            if away_m > MOVED_WORTH_TELLING_M:
                words = _(
                    "%(name)s stands on no pipe; %(node)s, %(away).0f m away, is taken for it."
                )
                _say(words % {"name": name, "away": away_m, "node": node})
    nodes = tuple(dict.fromkeys(end for row in rows for end in row[1:3]))
    place = {node: number for number, node in enumerate(nodes)}
    return PipePlan(
        names=tuple(row[0] for row in rows),
        nodes=nodes,
        ends=np.array([[place[row[1]], place[row[2]]] for row in rows], np.int64),
        lengths_m=np.array([0.0 if row[5] else row[3] for row in rows]),
        diameters_m=np.array(
            [np.nan if row[4] is None else row[4] / MM_PER_M for row in rows], float
        ),
        is_border=np.array([row[5] for row in rows], bool),
        sources=tuple(place[node] for node in found.entrances if node in place),
    )


def _refusal(path: Path, problems: Sequence[ImportProblem]) -> errors.Refused:
    from huoshui.areas.network import facade as network

    told = [network.import_problem(one) for one in problems]
    fatal = [one for one in told if one.fatal] or told
    why = " ".join(f"{one.words}{f' [{one.value}]' if one.value else ''}" for one in fatal)
    return errors.Refused(
        "cli.pipes_refused",
        _("The pipes of %(file)s cannot be used: %(why)s") % {"file": path, "why": why},
        data={"file": str(path), "codes": [one.code for one in fatal]},
        next_step=" ".join(dict.fromkeys(str(one.remedy) for one in fatal if one.remedy)),
    )


def _tell(path: Path, problems: Sequence[ImportProblem]) -> None:
    """Say row by row what was left out of a file, and how often what was done to the rest."""
    from huoshui.areas.network import facade as network
    from huoshui.kernel.intake import report

    left_out = [one for one in problems if one.fatal]
    for one in left_out[:SHOWN]:
        problem = network.import_problem(one, path.name)
        about = ": ".join(part for part in (report.place(problem), problem.subject) if part)
        value = f" [{problem.value}]" if problem.value else ""
        _say(f"{about}: {problem.words}{value} {problem.remedy}")
    if len(left_out) > SHOWN:
        _say(_("… and %(count)d more") % {"count": len(left_out) - SHOWN})
    for code, count in Counter(one.code for one in problems if not one.fatal).items():
        problem = network.import_problem(next(one for one in problems if one.code == code))
        value = f" [{problem.value}]" if problem.value and count == 1 else ""
        times = f" ({count})" if count > 1 else ""
        _say(f"{problem.words}{value}{times}")


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")
