"""The closed lists of the network. Codes are stable for ever; people see translated names."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an asset is. Nodes have a place; links run from a start node to an end node."""

    JUNCTION = "junction"
    PIPE = "pipe"
    VALVE = "valve"
    PUMP = "pump"
    TANK = "tank"
    RESERVOIR = "reservoir"
    HYDRANT = "hydrant"


LINK_KINDS = frozenset({Kind.PIPE, Kind.VALVE, Kind.PUMP})
NODE_KINDS = frozenset(Kind) - LINK_KINDS


class Material(StrEnum):
    """What a pipe is made of. The codes are stable for ever; people see translated names."""

    DUCTILE_IRON = "ductile_iron"
    GREY_CAST_IRON = "grey_cast_iron"
    STEEL = "steel"
    PE = "pe"
    PVC = "pvc"
    CONCRETE = "concrete"
    ASBESTOS_CEMENT = "asbestos_cement"
    GLASS_FIBRE = "glass_fibre"


class ValveKind(StrEnum):
    """How a valve is built, or how a valve of the model behaves."""

    GATE = "gate"
    BUTTERFLY = "butterfly"
    BALL = "ball"
    CHECK = "check"
    AIR = "air"
    DRAIN = "drain"
    PRESSURE_REDUCING = "pressure_reducing"
    PRESSURE_SUSTAINING = "pressure_sustaining"
    PRESSURE_BREAKER = "pressure_breaker"
    FLOW_CONTROL = "flow_control"
    THROTTLE = "throttle"
    GENERAL_PURPOSE = "general_purpose"
    POSITIONAL = "positional"


CLOSABLE_VALVES = frozenset(ValveKind) - {ValveKind.CHECK, ValveKind.AIR, ValveKind.DRAIN}
"""Valves that can shut the way of the water. A valve of unknown kind counts as one."""


class Status(StrEnum):
    """Whether an asset is part of the working network. Only those in use carry water."""

    IN_USE = "in_use"
    PLANNED = "planned"
    ABANDONED = "abandoned"


class Operability(StrEnum):
    """Whether a valve can be turned, as somebody found it. Says nothing of its state."""

    UNKNOWN = "unknown"
    OPERABLE = "operable"
    STIFF = "stiff"
    SEIZED = "seized"
    BURIED = "buried"
    NOT_FOUND = "not_found"


TURNABLE = frozenset({Operability.UNKNOWN, Operability.OPERABLE, Operability.STIFF})
"""Valves that a plan may count on; the others are as good as absent."""


class ZoneKind(StrEnum):
    """What a zone is for. Zones of different kinds may lie over one another."""

    SUPPLY = "supply"
    PRESSURE = "pressure"
    DMA = "dma"
    SECTOR = "sector"
    ESTATE = "estate"


class ConnectionStatus(StrEnum):
    """Whether a connection takes water."""

    IN_USE = "in_use"
    CLOSED = "closed"
    PLANNED = "planned"


class ChangeState(StrEnum):
    """Where a set of changes stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ChangeDeed(StrEnum):
    """What one step of a set of changes does."""

    CREATE = "create"
    MODIFY = "modify"
    MOVE = "move"
    SPLIT = "split"
    JOIN = "join"
    RETIRE = "retire"
    RESTORE = "restore"


class Trouble(StrEnum):
    """What a passer-by may report about an asset."""

    LEAK = "leak"
    COVER = "cover"
    DAMAGE = "damage"
    NO_WATER = "no_water"
    QUALITY = "quality"
    OTHER = "other"


class ReportState(StrEnum):
    """What staff did with a report."""

    NEW = "new"
    LOOKED_AT = "looked_at"
    JOB = "job"
    DISMISSED = "dismissed"
