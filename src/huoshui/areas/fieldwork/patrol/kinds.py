"""The closed lists of patrols; plain Python. Codes are stable for ever, people see their names."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a round is walked for; ``equipment`` goes to plants, not along pipes."""

    PATROL = "patrol"
    LEAK_SURVEY = "leak_survey"
    EQUIPMENT = "equipment"


class Source(StrEnum):
    """How a walk was recorded."""

    PHONE = "phone"
    FILE = "file"


class FindingKind(StrEnum):
    """What a patroller finds."""

    LEAK = "leak"
    COVER = "cover"
    VALVE_BURIED = "valve_buried"
    HYDRANT_DAMAGED = "hydrant_damaged"
    BUILT_OVER = "built_over"
    DIGGING = "digging"
    SUBSIDENCE = "subsidence"
    SIGN_MISSING = "sign_missing"
    ILLEGAL_USE = "illegal_use"
    EQUIPMENT = "equipment"
    OTHER = "other"


class Standing(StrEnum):
    """How a period of a round stands."""

    WALKED = "walked"
    PARTLY = "partly"
    MISSED = "missed"
    DUE = "due"


class Machine(StrEnum):
    """With what a site digs, the gentlest first."""

    HAND = "hand"
    EXCAVATOR = "excavator"
    PILE = "pile"
    DIRECTIONAL_DRILL = "directional_drill"


class Risk(StrEnum):
    """How dangerous a site is for the pipes, the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class SeenAtSite(StrEnum):
    """What a phone may write down of a site: what a patroller sees and says there."""

    VISITED = "visited"
    DISCLOSED = "disclosed"
    DAMAGED = "damaged"


class SiteStep(StrEnum):
    """What happens at a construction site."""

    REGISTERED = "registered"
    CHANGED = "changed"
    DISCLOSED = "disclosed"
    VISITED = "visited"
    DAMAGED = "damaged"
    CLAIMED = "claimed"
    PAID = "paid"
    FINISHED = "finished"
