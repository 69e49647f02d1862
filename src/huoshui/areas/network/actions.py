"""Writes of the network: importing a file, assigning zones, setting attributes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import contracts, geo, inp, rules
from huoshui.areas.network.contracts import Attributes, ImportReport, ZoneDeclaration
from huoshui.areas.network.models import Asset, MapRevision, NetworkFile, Zone
from huoshui.kernel import audit, clock, errors, events

ROWS_AT_ONCE = 200

# What an import may write. Zone, name, material and year are people's, not the file's.
FILE_FIELDS = (
    "model_id", "kind", "start_id", "end_id", "lon", "lat", "line", "surveyed", "length_m",
    "diameter_mm", "roughness_c", "roughness_mm", "roughness_n", "elevation_m", "valve_kind",
    "level_m_min", "level_m_max", "tank_diameter_m", "tag",
)  # fmt: skip

# What people may set, and how "not known" is stored.
UNKNOWN: dict[str, Any] = {"name": "", "material": "", "laid_year": None, "diameter_mm": None}

LINK_PREFIX = "L-"
"""EPANET lets a node and a link share a name; our codes are unique, so the link is renamed."""


class UnknownAssets(errors.Refused):
    """Something was to be done to assets that the register does not know."""

    def __init__(self, codes: Iterable[str]) -> None:
        unknown = sorted(codes)
        super().__init__(
            "network.assets_unknown",
            _("The register knows no assets with these codes: %(codes)s.")
            % {"codes": ", ".join(unknown[:8])},
            status=404,
            data={"codes": unknown},
            next_step=_("Check the codes, or import the network file that has them first."),
        )


class AttributesImpossible(errors.Refused):
    """Attributes that no asset can have; nothing was changed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "network.attributes_impossible",
            _("These values are not possible: %(problems)s.") % {"problems": "; ".join(problems)},
            status=422,
            data={"problems": problems},
            next_step=_("Correct the values; nothing was changed."),
        )


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
        created, changed = _write(wanted, known)
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


def _write(wanted: Mapping[str, dict[str, Any]], known: dict[str, Asset]) -> tuple[int, int]:
    """Make and change assets, nodes before the links that name them; return how many of each."""
    created = changed = 0
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
                for name, value in values.items():
                    setattr(row, name, value)
                altered.append(row)
        for row in Asset.objects.bulk_create(fresh, batch_size=ROWS_AT_ONCE):
            ids[row.code] = row.id
        Asset.objects.bulk_update(altered, FILE_FIELDS, batch_size=ROWS_AT_ONCE)
        created += len(fresh)
        changed += len(altered)
    return created, changed


def assign_zones(zones: Iterable[ZoneDeclaration], *, by_id: int | None) -> None:
    """Make or rename zones and put the named assets into them, out of any other zone.

    Parents must be among the given or the known zones. Refuses unknown assets with
    `network.assets_unknown`; then nothing is changed.
    """
    declared = list(zones)
    with transaction.atomic():
        named = {code for zone in declared for code in zone.assets}
        ids = _ids_of(named)
        rows = {row.code: row for row in Zone.objects.all()}
        for zone in declared:
            row = rows.setdefault(zone.code, Zone(code=zone.code))
            row.name, row.name_en = zone.name, zone.name_en
            row.boundary = [list(place) for place in zone.boundary] or None
            row.save()
        for zone in declared:
            row = rows[zone.code]
            row.parent = rows[zone.parent] if zone.parent else None
            row.save(update_fields=["parent"])
            members = [ids[code] for code in zone.assets]
            for at in range(0, len(members), ROWS_AT_ONCE):
                Asset.objects.filter(id__in=members[at : at + ROWS_AT_ONCE]).update(zone=row)
        new_revision()
        audit.record(
            by_id,
            "network.assign_zones",
            "network.zones",
            {zone.code: len(zone.assets) for zone in declared},
        )


def set_attributes(attributes: Mapping[str, Attributes], *, by_id: int | None) -> int:
    """Set name, material, year or diameter of many assets by code; return how many changed.

    Refuses unknown codes with `network.assets_unknown` and impossible values with
    `network.attributes_impossible`, naming all of them; then nothing is changed.
    """
    this_year = clock.now().astimezone(clock.local_zone()).year
    problems = [
        f"{code}: {problem}"
        for code, wanted in attributes.items()
        for problem in impossible(wanted, this_year=this_year)
    ]
    if problems:
        raise AttributesImpossible(problems)
    with transaction.atomic():
        ids = _ids_of(set(attributes))
        rows = (
            Asset.objects.in_bulk(list(ids.values()))
            if len(ids) <= ROWS_AT_ONCE
            else {row.id: row for row in Asset.objects.all()}
        )
        altered = []
        for code, wanted in attributes.items():
            row = rows[ids[code]]
            news = changes(row, wanted)
            for name, value in news.items():
                setattr(row, name, value)
            if news:
                altered.append(row)
        Asset.objects.bulk_update(altered, list(UNKNOWN), batch_size=ROWS_AT_ONCE)
        if altered:
            new_revision()
            audit.record(
                by_id,
                "network.set_attributes",
                f"network.asset:{altered[0].code}" if len(altered) == 1 else "network.assets",
                {"assets": len(altered), "codes": [row.code for row in altered[:50]]},
            )
    return len(altered)


def changes(row: Asset, wanted: Attributes) -> dict[str, Any]:
    """Return what is to change on a row, by name of the attribute."""
    given = {name: getattr(wanted, name) for name in UNKNOWN}
    news = {name: value for name, value in given.items() if value is not None}
    news |= {name: UNKNOWN[name] for name in wanted.unknown}
    if "material" in news:
        news["material"] = str(news["material"])
    return {name: value for name, value in news.items() if value != getattr(row, name)}


def impossible(wanted: Attributes, *, this_year: int) -> list[str]:
    """Return what is wrong with attributes, as name and value."""
    problems = []
    year = wanted.laid_year
    if year is not None and not rules.EARLIEST_LAID_YEAR <= year <= this_year:
        problems.append(f"laid_year {year}")
    if wanted.diameter_mm is not None and not 0 < wanted.diameter_mm < 10_000:
        problems.append(f"diameter_mm {wanted.diameter_mm}")
    if wanted.name is not None and len(wanted.name) > 200:
        problems.append("name")
    return problems


def _ids_of(codes: set[str]) -> dict[str, int]:
    """Return the numbers of assets by code; refuses unknown ones."""
    known = dict(Asset.objects.values_list("code", "id"))
    if unknown := codes - known.keys():
        raise UnknownAssets(unknown)
    return {code: known[code] for code in codes}


def new_revision() -> None:
    """Say that the map's tiles have changed."""
    MapRevision.objects.update_or_create(id=1, defaults={"token": uuid.uuid4().hex[:16]})
