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


@dataclass
class Gazetteer:
    """All names of places by the way they are typed."""

    written: dict[str, Places] = field(default_factory=dict)
    spelled: dict[str, Places] = field(default_factory=dict)

    @classmethod
    def present(cls) -> Gazetteer:
        """Read all keys."""
        found = cls()
        rows = PlaceKey.objects.order_by().values_list("key", "estate_id", "street_id")
        for key, estate_id, street_id in rows.iterator(chunk_size=5_000):
            names = found.spelled if key.isascii() else found.written
            one = Places(
                frozenset((estate_id,)) if estate_id else frozenset(),
                frozenset((street_id,)) if street_id else frozenset(),
            )
            names[key] = names[key].both(one) if key in names else one
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
                found.append(self.written[name])
                left = left.replace(name, " ", 1)
        if found == [self.written.get(run)]:
            # 光明 is a name, and may be the beginning of others.
            return [together(places for name, places in self.written.items() if run in name)], ""
        if found:
            for suffix in addresses.SUFFIXES:
                left = left.replace(suffix, " ")
            return found, " ".join(left.split())
        part = addresses.base_of(run)
        if len(part) < PART_LENGTH_MIN:
            return [], run
        several = together(places for name, places in self.written.items() if part in name)
        return ([several], "") if several else ([], run)

    def starting(self, letters: str) -> Places:
        """Return the places whose spelling or initials begin so; what is whole comes alone."""
        if letters in self.spelled:
            exact = self.spelled[letters]
            if len(letters) > 3:
                return exact
        return together(places for key, places in self.spelled.items() if key.startswith(letters))


def together(several: Iterable[Places]) -> Places:
    """Return the places of all, at most so many as a person could have meant."""
    estates: set[int] = set()
    streets: set[int] = set()
    for one in several:
        estates |= one.estates
        streets |= one.streets
        if len(estates) + len(streets) >= PLACES_MAX:
            break
    return Places(frozenset(estates), frozenset(streets))


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
