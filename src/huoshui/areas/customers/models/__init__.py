"""Tables of customers: places, people with their accounts, grids and their boards, voices."""

from huoshui.areas.customers.models.accounts import (
    Account,
    AccountPerson,
    CareVisit,
    OptOut,
    ServicePoint,
    SpecialCare,
)
from huoshui.areas.customers.models.exchanges import MeterExchange
from huoshui.areas.customers.models.grids import Board, BoardReport, Grid, GridPlan
from huoshui.areas.customers.models.people import NameKey, Person, Phone
from huoshui.areas.customers.models.places import Building, Estate, PlaceKey, Premises, Street
from huoshui.areas.customers.models.voices import Supervisor, Voice

__all__ = [
    "Account",
    "AccountPerson",
    "Board",
    "BoardReport",
    "Building",
    "CareVisit",
    "Estate",
    "Grid",
    "GridPlan",
    "MeterExchange",
    "NameKey",
    "OptOut",
    "Person",
    "Phone",
    "PlaceKey",
    "Premises",
    "ServicePoint",
    "SpecialCare",
    "Street",
    "Supervisor",
    "Voice",
]
