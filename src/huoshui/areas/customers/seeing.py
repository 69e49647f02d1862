"""Whose personal data a reader may see in full: of everybody, or of their own estates only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from huoshui.areas.customers.models import Account, Estate
from huoshui.kernel.accounts import permissions

UNMASK, ANYWHERE = "customers.unmask", "customers.unmask_anywhere"


@dataclass(frozen=True)
class Sight:
    """What a reader may see in full; by default nothing."""

    everywhere: bool = False
    estates: frozenset[int] = frozenset()
    estate_codes: frozenset[str] = frozenset()

    def reaches(self, account: Account) -> bool:
        """Say whether the people of an account may be seen in full; its premises are at hand."""
        return self.everywhere or account.premises.estate_id in self.estates

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.estates)

    def reaches_estate(self, code: str) -> bool:
        """Say whether the people of an estate may be seen in full; without a code, of nowhere."""
        return self.everywhere or code in self.estate_codes


NOTHING = Sight()


def sight_of(reader: Any) -> Sight:
    """Return what a reader may see: a specialist or a deputy those of their own grids."""
    if reader is None or not permissions.holds(reader, UNMASK):
        return NOTHING
    if permissions.holds(reader, ANYWHERE):
        return Sight(everywhere=True)
    mine = Q(grid__specialist=reader.pk) | Q(grid__deputy=reader.pk)
    own = dict(Estate.objects.filter(mine).values_list("pk", "code"))
    return Sight(estates=frozenset(own), estate_codes=frozenset(own.values()))
