"""Giving the network out as a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db.models import F, Max, Sum
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import attributes, queries
from huoshui.areas.network.contracts import NetworkModel
from huoshui.areas.network.exporting import checked, gis, inp
from huoshui.areas.network.exporting import rows as exported
from huoshui.areas.network.models import Connection, ValveTurn
from huoshui.kernel import audit
from huoshui.kernel.intake import Problem

SECONDS_PER_YEAR = 365 * 86_400


class Form(StrEnum):
    """As what the network can be given out."""

    INP = "inp"
    GPKG = "gpkg"
    GEOJSON = "geojson"


@dataclass(frozen=True)
class Outcome:
    """What became of an export: what was assumed, by column, and what EPANET says of a model."""

    assets: int
    assumed: dict[str, int] = field(default_factory=dict)
    opened: bool = True
    solved: bool = True
    problems: tuple[Problem, ...] = ()

    def assumed_words(self) -> list[tuple[Any, int]]:
        """Return what was assumed as people call it, and for how many assets."""
        return [
            (attributes.BY_CODE[name].label if name in attributes.BY_CODE else _("Setting"), count)
            for name, count in sorted(self.assumed.items())
        ]

    def as_json(self) -> dict[str, Any]:
        """Return it for programs, in the words of the language that is active."""
        return {
            "assets": self.assets,
            "assumed": self.assumed,
            "assumed_words": [[str(what), count] for what, count in self.assumed_words()],
            "opened": self.opened,
            "solved": self.solved,
            "problems": [
                {
                    "code": one.code,
                    "subject": one.subject,
                    "value": one.value,
                    "words": str(one.words),
                    "remedy": str(one.remedy),
                    "fatal": one.fatal,
                }
                for one in self.problems
            ],
        }


def export_network(
    path: Path, form: str, *, at: datetime | None = None, by_id: int | None
) -> Outcome:
    """Write the network of now or of a past moment; return what is to be known of the file.

    Of a model what no source reaches is left out and named, and EPANET opens and calculates it.
    Leaves a record of who took the network with them.
    """
    rows = exported.rows(at)
    outcome = Outcome(len(rows))
    if form == Form.GPKG:
        gis.write_gpkg(path, rows)
    elif form == Form.GEOJSON:
        gis.write_geojson(path, rows)
    else:
        model, kept = model_of(rows)
        found = checked.check(model, as_kept=model.text == kept)
        path.write_text(model.text, encoding="utf-8")
        outcome = Outcome(
            len(rows), model.assumed, found.opened, found.solved, tuple(found.problems)
        )
    audit.record(
        by_id,
        "network.export",
        "network.assets",
        {"form": str(Form(form)), "assets": len(rows), "at": at.isoformat() if at else ""},
    )
    return outcome


def model_of(rows: list[exported.Row]) -> tuple[inp.Exported, str]:
    """Return the network as a model of EPANET, and the text of the kept file or ""."""
    kept = queries.present_file()
    text = kept.text if kept else ""
    model = inp.write(
        rows,
        kept=text,
        kept_crs=kept.crs if kept else "",
        demands_lps={} if kept else demands_lps(),
    )
    return model, text


def demands_lps() -> dict[str, float]:
    """Return what the customers use on average, by code of node: half at each end of their pipe."""
    found: dict[str, float] = {}
    pipes = (
        Connection.objects.filter(pipe__isnull=False, annual_use_m3__gt=0)
        .values("pipe", start=F("pipe__start__code"), end=F("pipe__end__code"))
        .annotate(used_m3=Sum("annual_use_m3"))
        .order_by("pipe")
    )
    for pipe in pipes.iterator():
        flow_lps = pipe["used_m3"] * 1000 / SECONDS_PER_YEAR
        for end in ("start", "end"):
            found[pipe[end]] = found.get(pipe[end], 0.0) + flow_lps / 2
    return found


_present: list[tuple[tuple[object, ...], NetworkModel]] = []


def present_model() -> NetworkModel | None:
    """Return the network of now as a model, or None where no file of a model was imported.

    Made once for each state of the register, and remembered by this process.
    """
    kept = queries.present_file()
    if kept is None:
        return None
    turn_id = ValveTurn.objects.aggregate(newest=Max("id"))["newest"]
    state = (queries.revision(), kept.pk, turn_id)
    known = _present[0] if _present else None
    if known is not None and known[0] == state:
        return known[1]
    model, text = model_of(exported.rows())
    left_out = checked.leave_out_unreached(model) if model.text != text else []
    found = NetworkModel(
        text=model.text,
        nodes=model.nodes,
        links=model.links,
        assumed=model.assumed,
        left_out=len(left_out),
    )
    _present[:] = [(state, found)]
    return found
