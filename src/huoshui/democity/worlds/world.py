"""What a world is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from huoshui.areas.network.contracts import Attributes, ZoneDeclaration


@dataclass(frozen=True, kw_only=True)
class ZoneBalance:
    """How a zone's balance is measured: codes of links, a tank and nodes with meters."""

    inlets: tuple[str, ...]
    outlets: tuple[str, ...] = ()
    tank: str | None = None
    meters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class World:
    """A network file with what a city knows about it and what it measures.

    ``lon`` and ``lat`` are where the point (``x_m``, ``y_m``) of the file's coordinates lies.
    """

    name: str
    inp_text: str
    lon: float = 117.0
    lat: float = 36.6
    x_m: float = 0.0
    y_m: float = 0.0
    zones: tuple[ZoneDeclaration, ...] = ()
    balances: Mapping[str, ZoneBalance] = field(default_factory=lambda: MappingProxyType({}))
    attributes: Mapping[str, Attributes] = field(default_factory=lambda: MappingProxyType({}))
    pressure_nodes: tuple[str, ...] = ()
    flow_links: tuple[str, ...] = ()
    level_tanks: tuple[str, ...] = ()
    meter_nodes: tuple[str, ...] = ()

    def zone_of(self, asset: str) -> str | None:
        """Return the code of the zone an asset belongs to."""
        return next((zone.code for zone in self.zones if asset in zone.assets), None)
