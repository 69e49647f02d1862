"""Tables of the network, one module for each concern."""

from huoshui.areas.network.models.assets import (
    CODE_LENGTH,
    Asset,
    AssetQuerySet,
    SortCodeField,
    Zone,
)
from huoshui.areas.network.models.changes import ChangeItem, ChangeSet
from huoshui.areas.network.models.checks import Finding
from huoshui.areas.network.models.connections import Connection
from huoshui.areas.network.models.files import MapRevision, MapStep, NetworkFile
from huoshui.areas.network.models.history import AssetVersion
from huoshui.areas.network.models.reports import AssetReport, Attachment
from huoshui.areas.network.models.teams import ZoneTeam
from huoshui.areas.network.models.valves import ValveCondition, ValveTurn

__all__ = [
    "CODE_LENGTH",
    "Asset",
    "AssetQuerySet",
    "AssetReport",
    "AssetVersion",
    "Attachment",
    "ChangeItem",
    "ChangeSet",
    "Connection",
    "Finding",
    "MapRevision",
    "MapStep",
    "NetworkFile",
    "SortCodeField",
    "ValveCondition",
    "ValveTurn",
    "Zone",
    "ZoneTeam",
]
