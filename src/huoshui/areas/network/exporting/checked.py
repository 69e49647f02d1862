"""Look at a model before it is given out: what no water reaches, and what EPANET says of it.

A model that EPANET refuses is worth nothing to who takes it, and the one who knows why is us. So
what hangs on no source is left out and named, and the engine opens and calculates the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from huoshui.areas.network.contracts import Kind
from huoshui.areas.network.exporting.inp import Exported
from huoshui.areas.network.exporting.taking_out import UNREACHED, TakingOut
from huoshui.areas.network.importing import doctor, inp_lines, problems
from huoshui.areas.network.importing import inp as reader
from huoshui.kernel.intake import Problem

LAST_WORD = re.compile(r"(\S+)\s*$")
NAMED_LAST = frozenset({226, 227, 234})
"""Messages of the engine whose last word is the object, not a line of the file."""
UNSOLVED_NAMED = 50


@dataclass
class Checked:
    """What is wrong with a model that is given out, and whether it calculates."""

    opened: bool = False
    solved: bool = False
    problems: list[Problem] = field(default_factory=list)


def check(model: Exported, *, as_kept: bool) -> Checked:
    """Leave out of a model what no source reaches, and ask the engine; tells what it finds.

    ``as_kept``: the text is the imported one, word by word; then nothing is left out of it.
    """
    found = Checked()
    if not as_kept:
        found.problems += leave_out_unreached(model)
    answer = doctor.ask_engine(model.text, solve=True)
    found.opened, found.solved = answer.opened, answer.solved
    if answer.befell:
        known = problems.TABLE[answer.befell]
        found.problems.append(
            Problem(f"network.{answer.befell}", known.words, True, remedy=known.remedy)
        )
    found.problems += _refused(answer, model)
    if answer.opened and not answer.solved:
        found.problems += _unsolved(answer.unsolved, model.nodes)
    if answer.solved and answer.negative:
        found.problems.append(
            Problem("network.model_negative_pressure",
                    _("Some pressures come out negative: the network cannot deliver its demands."),
                    False, remedy=_("Look at elevations, diameters and the heads of the sources."))
        )  # fmt: skip
    return found


def leave_out_unreached(model: Exported) -> list[Problem]:
    """Take out of a model's text what no pipe joins to a tank or a reservoir; name each."""
    lines = inp_lines.split(model.text)
    network = reader.read(model.text.encode())
    numbers = {node.model_id: place for place, node in enumerate(network.nodes)}
    ends = np.array([[numbers[link.start], numbers[link.end]] for link in network.links], np.int64)
    ends = ends.reshape(-1, 2)
    size = len(numbers)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(size, size))
    parts = connected_components(graph, directed=False)[1]
    fed = {
        int(parts[numbers[node.model_id]])
        for node in network.nodes
        if node.kind in (Kind.TANK, Kind.RESERVOIR)
    }
    if not fed:
        known = problems.TABLE["no_source"]
        return [Problem("network.no_source", known.words, True, remedy=known.remedy)]
    dry = ~np.isin(parts, sorted(fed))
    alone = np.bincount(ends.ravel(), minlength=size) == 0
    nodes = {name for name, place in numbers.items() if dry[place] or alone[place]}
    links = {link.model_id for link in network.links if link.start in nodes or link.end in nodes}
    out = list(lines.raw)
    TakingOut(lines, out).take_out(nodes, links, UNREACHED)
    model.text = "\n".join(out)
    told = [(name, model.links.get(name, name)) for name in sorted(links)]
    told += [(name, model.nodes.get(name, name)) for name in sorted(nodes)]
    return [
        Problem("network.model_unreached",
                _("No pipe joins it to a tank or a water source; it is left out of the model."),
                False, subject=code, value="" if name == code else name,
                remedy=_("Draw what joins it, or take it out of use."))
        for name, code in told
    ]  # fmt: skip


def _refused(answer: doctor.Answer, model: Exported) -> list[Problem]:
    """Return what the engine says of single lines, with the asset each is about."""
    if answer.opened:
        return []
    found = []
    for number, words, culprit in answer.messages:
        code = doctor.CODE_OF_ENGINE.get(number, "engine_refuses")
        named = LAST_WORD.search(words) if number in NAMED_LAST else None
        name = named[1] if named else next(iter(culprit.split()), "")
        if number == 233 and any(other == 234 for other, _words, _line in answer.messages):
            continue
        known = problems.TABLE[code]
        found.append(
            Problem(f"network.{code}", known.words, True, subject=_code(name, model),
                    value=" ".join(culprit.split())[:200] or words, remedy=_CORRECT)
        )  # fmt: skip
    return found or [
        Problem("network.engine_refuses", problems.TABLE["engine_refuses"].words, True,
                remedy=_CORRECT)
    ]  # fmt: skip


_CORRECT = _("Correct the asset, or what the model says of it, and give the network out again.")


def _code(name: str, model: Exported) -> str:
    return model.links.get(name) or model.nodes.get(name) or name


def _unsolved(nodes: tuple[str, ...], codes: Mapping[str, str]) -> list[Problem]:
    words: Any = _("EPANET opens the model, but cannot calculate it.")
    remedy = _("Look for closed pipes and valves around it that leave it without a source.")
    if not nodes:
        return [Problem("network.model_unsolved", words, True, remedy=_CORRECT)]
    return [
        Problem("network.model_unsolved", words, True, subject=codes.get(node, node), remedy=remedy)
        for node in nodes[:UNSOLVED_NAMED]
    ]
