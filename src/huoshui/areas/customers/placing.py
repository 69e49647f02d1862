"""From words to places: which estates and streets a text names, in full or in part, or spelled.

A city has some thousand names, so all of them are read for each search; nothing has to be kept
warm, and a name that was changed a moment ago is found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from huoshui.areas.customers import addresses, sounds
from huoshui.areas.customers.models import Estate, PlaceKey, Street

PART_LENGTH_MIN = 2
PLACES_MAX = 200


@dataclass(frozen=True)
class Places:
    """Some estates and streets."""

    estates: frozenset[int] = frozenset()
    streets: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.estates or self.streets)

    def both(self, other: Places) -> Places:
        """Return the places of both."""
        return Places(self.estates | other.estates, self.streets | other.streets)


Numbers = tuple[int, ...]
"""Estates by their numbers, streets by theirs below zero.

Plain numbers, because thousands of objects for each search would keep the garbage collector busy.
"""


@dataclass
class Gazetteer:
    """All names of places by the way they are typed."""

    written: dict[str, Numbers] = field(default_factory=dict)
    spelled: dict[str, Numbers] = field(default_factory=dict)

    @classmethod
    def present(cls) -> Gazetteer:
        """Read all keys."""
        found = cls()
        rows = PlaceKey.objects.order_by().values_list("key", "estate_id", "street_id")
        for key, estate_id, street_id in rows.iterator(chunk_size=5_000):
            names = found.spelled if key.isascii() else found.written
            names[key] = (*names.get(key, ()), estate_id or -street_id)
        return found

    def within(self, run: str) -> tuple[list[Places], str]:
        """Return the places that a run of Chinese names, and what is left of the run.

        The longest name wins over those within it. Where no name is in the run, the run may be
        part of names: 光明 of 光明花园.
        """
        found: list[Places] = []
        left = run
        for name in sorted((one for one in self.written if one in run), key=len, reverse=True):
            if name in left:
                found.append(places_of(self.written[name]))
                left = left.replace(name, " ", 1)
        if run in self.written:
            # 光明 is a name, and may be the beginning of others.
            return [together(ids for name, ids in self.written.items() if run in name)], ""
        if found:
            for suffix in addresses.SUFFIXES:
                left = left.replace(suffix, " ")
            return found, " ".join(left.split())
        part = addresses.base_of(run)
        if len(part) < PART_LENGTH_MIN:
            return [], run
        several = together(ids for name, ids in self.written.items() if part in name)
        return ([several], "") if several else ([], run)

    def starting(self, letters: str) -> Places:
        """Return the places whose spelling or initials begin so; what is whole comes alone."""
        if letters in self.spelled:
            exact = places_of(self.spelled[letters])
            if len(letters) > 3:
                return exact
        return together(ids for key, ids in self.spelled.items() if key.startswith(letters))


def places_of(numbers: Iterable[int]) -> Places:
    """Return the estates and streets of some numbers."""
    several = list(numbers)
    return Places(
        frozenset(one for one in several if one > 0), frozenset(-one for one in several if one < 0)
    )


def together(several: Iterable[Numbers]) -> Places:
    """Return the places of all, at most so many as a person could have meant."""
    found: set[int] = set()
    for one in several:
        found.update(one)
        if len(found) >= PLACES_MAX:
            break
    return places_of(found)


def keys_of(name: str) -> list[str]:
    """Return every way to type the name of a place."""
    clean = addresses.plain(name).replace(" ", "")
    base = addresses.base_of(clean)
    written = [clean] if len(base) < PART_LENGTH_MIN else [clean, base]
    return list(dict.fromkeys((*written, *sounds.keys(clean), *sounds.keys(base))))


def keep_keys(estates: Iterable[Estate] = (), streets: Iterable[Street] = ()) -> None:
    """Write the keys of places whose names are new or have changed."""
    some, others = list(estates), list(streets)
    PlaceKey.objects.filter(estate__in=[one.pk for one in some]).delete()
    rows = [PlaceKey(key=key, estate=one) for one in some for key in keys_of(one.name)]
    rows += [PlaceKey(key=key, street=one) for one in others for key in keys_of(one.name)]
    PlaceKey.objects.bulk_create(rows, batch_size=500)
