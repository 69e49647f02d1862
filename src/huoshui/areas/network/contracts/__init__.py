"""What other areas may know of the network: kinds, assets, zones, map layers and events.

Plain Python: these classes cross the doors between areas and are what events are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huoshui.areas.network.contracts.cards import (
    Areas,
    CardColumn,
    CardFigure,
    CardLines,
    CardState,
    Duty,
    Figures,
    Team,
)
from huoshui.areas.network.contracts.kinds import (
    CLOSABLE_VALVES,
    LINK_KINDS,
    NODE_KINDS,
    TURNABLE,
    ChangeDeed,
    ChangeState,
    ConnectionStatus,
    Kind,
    Material,
    Operability,
    ReportState,
    Status,
    Trouble,
    ValveKind,
    ZoneKind,
)
from huoshui.areas.network.contracts.lines import Courses, FileLines, FileLink, FilePlan
from huoshui.areas.network.contracts.traces import (
    Trace,
    TraceDirection,
    TraceProblem,
    TraceStop,
)

__all__ = [
    "CLOSABLE_VALVES",
    "LINK_KINDS",
    "NAMED_CODES",
    "NODE_KINDS",
    "TURNABLE",
    "Areas",
    "Asset",
    "AssetJobWanted",
    "AssetReported",
    "Attributes",
    "CardColumn",
    "CardFigure",
    "CardLines",
    "CardState",
    "ChangeDeed",
    "ChangeState",
    "ConnectionStatus",
    "Courses",
    "Duty",
    "Figures",
    "FileLines",
    "FileLink",
    "FilePlan",
    "ImportProblem",
    "ImportReport",
    "Kind",
    "LegendEntry",
    "MapLayer",
    "Material",
    "NetworkChanged",
    "NetworkImported",
    "Operability",
    "PipeColoring",
    "Place",
    "ReportState",
    "Status",
    "Team",
    "Trace",
    "TraceDirection",
    "TraceProblem",
    "TraceStop",
    "Trouble",
    "ValveKind",
    "ValveTurned",
    "Words",
    "Zone",
    "ZoneDeclaration",
    "ZoneKind",
]

Words = Any
"""Text for people: plain, or a lazy translation that becomes text when it is shown."""

Place = tuple[float, float]
"""Longitude and latitude in degrees (WGS 84)."""


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One thing of the network, as other areas see it.

    ``line`` is the course of a link from start to end (empty for nodes); ``lon`` and ``lat``
    are the node's place, or for a link the point half-way along it.
    """

    id: int
    code: str
    kind: Kind
    name: str
    zone: str | None
    lon: float
    lat: float
    line: tuple[Place, ...] = ()
    start: str | None = None
    end: str | None = None
    length_m: float | None = None
    diameter_mm: float | None = None
    material: Material | None = None
    laid_year: int | None = None
    elevation_m: float | None = None
    roughness_c: float | None = None
    roughness_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A part of the network that is looked at, measured or billed as one.

    ``name`` is in the language that was active when the zone was asked for.
    """

    id: int
    code: str
    name: str
    parent: str | None
    assets: int
    pipes_length_m: float


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """What is to be set on one asset; None leaves the attribute as it is.

    ``unknown`` names attributes that are to be not known again: material, laid_year. ``others``
    are further ones by their code in the table, such as node_kind.
    """

    name: str | None = None
    material: Material | None = None
    laid_year: int | None = None
    diameter_mm: float | None = None
    others: Mapping[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ZoneDeclaration:
    """A zone to be made or renamed, with the assets that shall belong to it.

    ``name_en`` is what readers of English see; empty means ``name``. ``boundary`` is a ring of
    places; without it the outline drawn is the hull of the zone's own assets.
    """

    code: str
    name: str
    assets: tuple[str, ...] = ()
    parent: str | None = None
    boundary: tuple[Place, ...] = ()
    name_en: str = ""
    kind: ZoneKind = ZoneKind.DMA


@dataclass(frozen=True, kw_only=True)
class ImportProblem:
    """One thing found wrong in a network file. ``code`` names the kind, see ``words``.

    ``fatal`` means that what it is about was left out. ``subject`` is the code of the object,
    ``line`` the line of the file as an editor counts, ``column`` and ``value`` what stood there.
    """

    code: str
    fatal: bool
    section: str = ""
    text: str = ""
    subject: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of a network file. Nothing was written unless ``ok``."""

    ok: bool
    file_name: str
    sha256: str
    nodes: int = 0
    links: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    absent: int = 0
    problems: tuple[ImportProblem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkImported:
    """A network file was read and its assets are now the register's."""

    file_id: int
    file_name: str
    sha256: str
    nodes: int
    links: int
    by_id: int | None
    at: datetime


NAMED_CODES = 200
"""How many codes an event names; ``count`` says how many there are."""


@dataclass(frozen=True, kw_only=True)
class NetworkChanged:
    """Assets were changed, made or taken out by people; ``codes`` names the first of them."""

    codes: tuple[str, ...]
    count: int
    change_set_id: int | None
    by_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ValveTurned:
    """Somebody turned a valve in the street, or said that an earlier report was wrong."""

    asset_code: str
    opening_frac: float
    turned_at: datetime
    by_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AssetReported:
    """A passer-by reported something about an asset; staff have not looked at it yet."""

    report_id: int
    asset_code: str
    trouble: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AssetJobWanted:
    """Staff looked at a passer-by's report and want a job for it."""

    report_id: int
    asset_code: str
    text: str
    by_id: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One line of a map layer's legend: a drawn sign and its words."""

    colour: str
    label: Words
    shape: str = "dot"
    """dot, ring, line, square or pulse"""


@dataclass(frozen=True, kw_only=True)
class MapLayer:
    """Something another area draws on the map of the network.

    ``url`` answers GeoJSON. Of each feature the map reads these properties, all optional but
    ``label``: ``key`` (joins it to items of the live stream), ``label``, ``text`` (the value as
    shown, "42.3 m"), ``value``, ``unit``, ``decimals``, ``quality`` (telemetry's numbers: 0 good
    ... 4 missing), ``sign`` (pressure, flow, level, use, leak, job), ``rank`` (0 is labelled
    first and from afar, 3 only close by), ``size`` (of a pulse, 0 to 1), ``colour``, ``href``
    (page to open) and ``note``. Items of ``stream`` carry ``key`` and ``value``, and may carry
    ``text``, ``quality`` and ``alarm``.

    ``kind`` is "points" (a sign with its value), "pulses" (a marker that asks for attention) or
    "areas" (outlines).
    """

    id: str
    label: Words
    kind: str
    url: str
    stream: str | None = None
    permission: str = "network.read"
    order: int = 100
    shown: bool = True
    refresh_s: int | None = None
    legend: tuple[LegendEntry, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class NetworkModel:
    """The present network as a text of EPANET, and which asset each of its names stands for.

    It is the imported file with every change that was approved since. What nobody knows is
    assumed; ``assumed`` counts it by column. ``left_out`` counts what no source reaches.
    """

    text: str
    nodes: Mapping[str, str]
    links: Mapping[str, str]
    assumed: Mapping[str, int]
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class PipeColoring:
    """A way to colour the pipes by figures of the moment, such as the present flow.

    ``url`` answers ``{"values": {asset id: number}, "at": ISO moment}``. ``breaks`` are the
    upper limits of all classes but the last, compared with the magnitude of the value.
    """

    id: str
    label: Words
    unit: str
    url: str
    breaks: tuple[float, ...]
    decimals: int = 1
    permission: str = "network.read"
    order: int = 100
    refresh_s: int = 15
