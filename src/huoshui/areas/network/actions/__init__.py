"""Writes of the network: one function for each thing a person or a program may do."""

from huoshui.areas.network.actions.attributes import change_attributes, impossible, set_attributes
from huoshui.areas.network.actions.common import new_revision
from huoshui.areas.network.actions.importing import import_inp
from huoshui.areas.network.actions.zones import assign_zones
from huoshui.areas.network.refusals import AttributesImpossible, UnknownAssets

__all__ = [
    "AttributesImpossible",
    "UnknownAssets",
    "assign_zones",
    "change_attributes",
    "import_inp",
    "impossible",
    "new_revision",
    "set_attributes",
]
