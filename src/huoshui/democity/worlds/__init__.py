"""Worlds: cities and toys as functions, seeded, each of them always the same.

`ALL` names every world. The broken ones say in their docstring what is wrong with them; they
are what importers must refuse with the right words.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from huoshui.democity.worlds import big, broken, toys
from huoshui.democity.worlds.ltown import l_town
from huoshui.democity.worlds.toys import three_zones, two_pipes
from huoshui.democity.worlds.world import World

ALL: Mapping[str, Callable[[], World]] = MappingProxyType(
    {
        "two_pipes": toys.two_pipes,
        "three_zones": toys.three_zones,
        "l_town": l_town,
        "duplicate_ids": broken.duplicate_ids,
        "node_without_coordinates": broken.node_without_coordinates,
        "pipe_to_nowhere": broken.pipe_to_nowhere,
        "unknown_units": broken.unknown_units,
        "disconnected": broken.disconnected,
        "no_source": broken.no_source,
        "pipe_without_width": broken.pipe_without_width,
        "coordinates_off_the_map": broken.coordinates_off_the_map,
        "garbage": broken.garbage,
        "empty": broken.empty,
    }
)
BROKEN = frozenset(ALL) - {"two_pipes", "three_zones", "l_town"}

__all__ = ["ALL", "BROKEN", "World", "big", "l_town", "three_zones", "two_pipes"]
