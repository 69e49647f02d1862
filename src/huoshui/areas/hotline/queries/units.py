"""Which part of the company answers for a topic at a place."""

from __future__ import annotations

from dataclasses import dataclass

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline.models import Topic
from huoshui.areas.hotline.queries.incidents import Spot
from huoshui.areas.network import facade as network
from huoshui.kernel.organisation import tree


@dataclass(frozen=True)
class Responsible:
    """A unit that answers, and whether the topic names it; otherwise the place does."""

    code: str
    name: str
    by_topic: bool


def responsible(topic: Topic, spot: Spot) -> Responsible | None:
    """Return who answers: the topic's own unit, else the unit of the zone or of the estate's zone.

    None where nobody is named. A unit that is closed today answers for nothing.
    """
    today = tree.on()
    if topic.unit_code:
        for node in today.nodes.values():
            if node.code == topic.unit_code:
                return Responsible(node.code, node.name, True)
    zone = spot.zone_code
    if not zone and spot.estate_code:
        estate = customers.estate(spot.estate_code)
        zone = estate.zone_code if estate else ""
    unit = network.unit_in_charge(zone_code=zone) if zone else None
    in_charge = today.nodes.get(unit) if unit is not None else None
    return Responsible(in_charge.code, in_charge.name, False) if in_charge else None
