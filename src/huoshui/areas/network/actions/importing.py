"""Importing an EPANET network file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import transaction

from huoshui.areas.network import contracts, geo, history, inp, rules
from huoshui.areas.network.actions.common import new_revision
from huoshui.areas.network.contracts import ImportReport
from huoshui.areas.network.models import Asset, NetworkFile
from huoshui.kernel import audit, clock, events

ROWS_AT_ONCE = 200

# What an import may write. Zone, name, material and year are people's, not the file's.
FILE_FIELDS = (
    "model_id", "kind", "start_id", "end_id", "lon", "lat", "line", "surveyed", "length_m",
    "diameter_mm", "roughness_c", "roughness_mm", "roughness_n", "elevation_m", "valve_kind",
    "level_m_min", "level_m_max", "tank_diameter_m", "tag",
)  # fmt: skip

LINK_PREFIX = "L-"
"""EPANET lets a node and a link share a name; our codes are unique, so the link is renamed."""


def import_inp(raw: bytes, *, file_name: str, crs: str, by_id: int | None) -> ImportReport:
    """Make the register hold the assets of an EPANET network file.

    Assets are matched by code: known ones are changed, new ones made, and those that the file
    does not mention are kept as they are and counted as absent. Never raises for what is wrong
    with the file; if a problem is fatal, nothing is written and the report says why. Publishes
    `NetworkImported`.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    network = inp.read(raw)
    wanted = _rows_of(network, crs) if not network.fatal else {}
    report = ImportReport(
        ok=not network.fatal,
        file_name=file_name,
        sha256=sha256,
        nodes=len(network.nodes),
        links=len(network.links),
        problems=tuple(network.problems),
    )
    if not report.ok:
        return report
    with transaction.atomic():
        known = {row.code: row for row in Asset.objects.all()}
        taken = [
            code
            for code, values in wanted.items()
            if code in known and rules.is_link(known[code].kind) != rules.is_link(values["kind"])
        ]
        if taken:
            problem = inp.problem_about("code_taken", taken, fatal=True)
            return replace(report, ok=False, problems=(*report.problems, problem))
        created, changed = _write(
            wanted,
            known,
            history.Reason(valid_from=clock.now(), by_id=by_id, why=file_name),
        )
        file = NetworkFile.objects.create(
            name=file_name[:255],
            sha256=sha256,
            text=network.text,
            crs=crs,
            nodes=report.nodes,
            links=report.links,
            imported_at=clock.now(),
            imported_by_id=by_id,
        )
        report = replace(
            report,
            created=created,
            changed=changed,
            unchanged=len(wanted) - created - changed,
            absent=len(known.keys() - wanted.keys()),
        )
        new_revision()
        audit.record(
            by_id,
            "network.import_inp",
            f"network.file:{file.pk}",
            {"file": file_name, "sha256": sha256, "created": created, "changed": changed},
        )
        events.publish(
            contracts.NetworkImported(
                file_id=file.pk,
                file_name=file_name,
                sha256=sha256,
                nodes=report.nodes,
                links=report.links,
                by_id=by_id,
                at=file.imported_at,
            )
        )
    return report


def _rows_of(network: inp.ReadNetwork, crs: str) -> dict[str, dict[str, Any]]:
    """Return the values of each asset by code, nodes first; adds problems to ``network``."""
    reader = geo.reader_of(crs)
    if reader is None:
        network.problems.append(contracts.ImportProblem(code="crs_unknown", fatal=True, text=crs))
        return {}
    placed = [node for node in network.nodes if node.place is not None]
    lonlat = geo.to_lonlat(reader, [node.place for node in placed if node.place is not None])
    bends = [bend for link in network.links for bend in link.bends]
    bends_lonlat = geo.to_lonlat(reader, bends)
    if not (geo.on_the_map(lonlat) and geo.on_the_map(bends_lonlat)):
        network.problems.append(contracts.ImportProblem(code="outside_the_world", fatal=True))
        return {}
    place_of = dict(zip((node.model_id for node in placed), lonlat.tolist(), strict=True))

    rows: dict[str, dict[str, Any]] = {}
    for node in network.nodes:
        lon, lat = place_of.get(node.model_id, (None, None))
        rows[node.model_id] = {
            "model_id": node.model_id,
            "kind": str(node.kind),
            "lon": lon,
            "lat": lat,
            "surveyed": [list(node.place)] if node.place else None,
            **node.values,
        }
    used = 0
    for link in network.links:
        code = LINK_PREFIX + link.model_id if link.model_id in rows else link.model_id
        own_bends = bends_lonlat[used : used + len(link.bends)].tolist()
        used += len(link.bends)
        rows[code] = _link_row(network, link, place_of, own_bends)
    return rows


def _link_row(
    network: inp.ReadNetwork,
    link: inp.ReadLink,
    place_of: Mapping[str, list[float]],
    bends: list[list[float]],
) -> dict[str, Any]:
    start, end = network.nodes[link.start], network.nodes[link.end]
    row: dict[str, Any] = {
        "model_id": link.model_id,
        "kind": str(link.kind),
        "start": start.model_id,
        "end": end.model_id,
        "surveyed": [list(bend) for bend in link.bends] or None,
        **link.values,
    }
    if start.model_id in place_of and end.model_id in place_of:
        line = [place_of[start.model_id], *bends, place_of[end.model_id]]
        row["line"] = line
        row["lon"], row["lat"] = geo.halfway(np.asarray(line))
    return row


def _write(
    wanted: Mapping[str, dict[str, Any]], known: dict[str, Asset], reason: history.Reason
) -> tuple[int, int]:
    """Make and change assets, nodes before the links that name them; return how many of each."""
    created = changed = 0
    replaced = []
    ids = {code: row.id for code, row in known.items()}
    for links in (False, True):
        fresh, altered = [], []
        for code, given in wanted.items():
            if rules.is_link(given["kind"]) != links:
                continue
            values = {name: given.get(name) for name in FILE_FIELDS}
            values["valve_kind"] = given.get("valve_kind", "")
            if links:
                values["start_id"], values["end_id"] = ids[given["start"]], ids[given["end"]]
            row = known.get(code)
            if row is None:
                fresh.append(Asset(code=code, **values))
            elif any(getattr(row, name) != value for name, value in values.items()):
                before = history.values_of(row)
                for name, value in values.items():
                    setattr(row, name, value)
                altered.append(row)
                replaced.append((row.id, before, history.values_of(row)))
        for row in Asset.objects.bulk_create(fresh, batch_size=ROWS_AT_ONCE):
            ids[row.code] = row.id
        Asset.objects.bulk_update(altered, FILE_FIELDS, batch_size=ROWS_AT_ONCE)
        created += len(fresh)
        changed += len(altered)
    history.keep(replaced, reason)
    return created, changed
