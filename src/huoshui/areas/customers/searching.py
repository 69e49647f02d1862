"""Finding accounts by whatever people type: an address, a name, a number, or parts of them.

What was typed may mean several things at once, so every meaning is asked for by an index of its
own, and the answers are put in order. See docs/decisions on finding addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from huoshui.areas.customers import addresses, contracts, indexed, rules
from huoshui.areas.customers.models import (
    Account,
    AccountPerson,
    NameKey,
    Person,
    Phone,
    Premises,
    ServicePoint,
)
from huoshui.areas.customers.placing import Gazetteer, Places

LOOKED_AT = 200
# So many keys are named one by one; what fits more is met soon by walking the accounts.
FEW = 4_000
HIGHEST = "\U0010ffff"
TAIL_LENGTH_MIN = 4
NUMBER_LENGTH_MIN = 3
PHONE_LENGTH_MIN = 7
# What is written before an estate and says nothing that the estate does not.
ABOVE = re.compile(r".{1,8}(省|市|区|县|镇|乡|街道|街道办)$")
LIMIT = 20
ORDER = ("account", "meter", "phone", "address", "name", "words")


@dataclass(frozen=True)
class Meaning:
    """One thing that the text may mean: how, which accounts, and how to tell the best of them.

    ``rows`` are found by an index; ``each`` says the same of one account, for a list that walks in
    an order of its own. ``exact`` narrows to those that fit best, such as the very door; None where
    all fit alike.
    """

    how: str
    rows: QuerySet[Account]
    each: Q
    exact: Q | None = None


def meant(how: str, each: Q, exact: Q | None = None) -> Meaning:
    """Return a meaning whose accounts are found in the way in which each of them is told."""
    return Meaning(how, Account.objects.filter(each), each, exact)


@dataclass(frozen=True)
class Told:
    """What keeps accounts, and whether it names so few of them that it leads to them."""

    q: Q
    is_few: bool


def told(field: str, keys: QuerySet[Any], each: Exists) -> Told:
    """Return what keeps accounts by the keys of another table: few by name, many one by one.

    SQLite would read all keys of a question within a question before the first account.
    """
    found = set(keys.order_by()[: FEW + 1])
    if len(found) <= FEW:
        return Told(Q(**{f"{field}__in": found}), is_few=True)
    return Told(Q(each), is_few=False)


def begins(field: str, text: str) -> Q:
    """Return what keeps values that begin so, along an index of the field."""
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + HIGHEST})


def meanings(text: str) -> list[Meaning]:
    """Return everything that a text may mean, the likeliest first."""
    typed = addresses.taken_apart(text)
    found = [*_numbers(typed), *_codes(text)]
    if typed.names or typed.letters:
        found += _places_and_names(typed)
    elif len(typed.figures) > 1:
        # 1单元 alone is in every building of the city, and means none of them.
        found.append(_there(door(typed), [], _very_door(typed)))
    return found


def narrow(rows: QuerySet[Account], text: str) -> QuerySet[Account]:
    """Keep the accounts that fit a text, for a list that orders and pages them itself."""
    if not text.strip():
        return rows
    found: set[int] = set()
    many: list[Q] = []
    for one in meanings(text):
        keys = list(one.rows.order_by().values_list("pk", flat=True)[: FEW + 1])
        if len(keys) > FEW:
            many.append(one.each)
        else:
            found.update(keys)
    if not many:
        return rows.filter(pk__in=found)
    # Too many to name: the list walks in its own order and looks each row up.
    anyhow = Q(pk__in=found) if found else Q()
    for each in many:
        anyhow |= each
    return rows.filter(anyhow)


def find(text: str, limit: int = LIMIT) -> list[tuple[int, str]]:
    """Return the accounts that fit a text best, as (number, how it fitted)."""
    found: dict[int, str] = {}
    for one in sorted(meanings(text), key=lambda meaning: ORDER.index(meaning.how)):
        if one.exact is not None:
            for pk in one.rows.filter(one.exact).order_by().values_list("pk", flat=True)[:limit]:
                found.setdefault(pk, one.how)
        if len(found) < limit:
            for pk in one.rows.order_by().values_list("pk", flat=True)[:LOOKED_AT]:
                found.setdefault(pk, one.how)
    return list(found.items())[:limit]


def _there(premises: Q, words: list[Told], exact: Q | None) -> Meaning:
    """Return the accounts of places, narrowed by further words."""
    here = Premises.objects.filter(premises, pk=OuterRef("premises_id")).order_by()
    inside = Q(premises__in=Premises.objects.filter(premises).order_by())
    rows = Account.objects.filter(Exists(here) if any(one.is_few for one in words) else inside)
    told_of = Q(Exists(here))
    for one in words:
        rows = rows.filter(one.q)
        told_of &= one.q
    return Meaning("address", rows, told_of, exact)


def _numbers(typed: addresses.Typed) -> Iterator[Meaning]:
    """Read figures alone as the number of a telephone, an account or a meter."""
    digits = rules.phone_digits(typed.text)
    alone = not typed.names and not typed.letters and not typed.marked
    several = len(typed.figures) > 1
    if not alone or len(digits) < (PHONE_LENGTH_MIN if several else NUMBER_LENGTH_MIN):
        return
    if len(digits) >= TAIL_LENGTH_MIN:
        whole = begins("number", digits) if len(digits) >= PHONE_LENGTH_MIN else Q(number=digits)
        people = Phone.objects.filter(whole | begins("tail", digits[::-1]))
        keys = people.values_list("person", flat=True)
        holder = told("holder", keys, Exists(people.filter(person=OuterRef("holder_id"))))
        yield meant("phone", holder.q, Q(holder__phones__number=digits))
        speakers = AccountPerson.objects.filter(person__in=people.order_by().values("person"))
        yield meant("phone", Q(pk__in=speakers.values("account")))
        if len(typed.figures) == 1:
            yield meant("account", begins("tail", digits[::-1]))
            yield meant("meter", _with_meter(begins("tail", digits[::-1])))


def _with_meter(meter: Q) -> Q:
    points = ServicePoint.objects.filter(meter, account__isnull=False)
    mine = Exists(points.filter(account=OuterRef("pk")))
    return told("pk", points.values_list("account", flat=True), mine).q


def _codes(text: str) -> Iterator[Meaning]:
    """Read a text without Chinese as the beginning of an account's or a meter's number."""
    wanted = addresses.plain(text).upper()
    if not wanted.isascii() or " " in wanted or not any(sign.isdigit() for sign in wanted):
        return
    if len(wanted) < NUMBER_LENGTH_MIN:
        return
    yield meant("account", begins("code", wanted), Q(code=wanted))
    meter = _with_meter(begins("meter_number", wanted))
    yield meant("meter", meter, Q(points__meter_number=wanted))


def _places_and_names(typed: addresses.Typed) -> Iterator[Meaning]:
    gazetteer = Gazetteer.present()
    named: list[Places] = []
    left: list[str] = []
    for run in typed.names:
        places, rest = gazetteer.within(run)
        named += places
        left += [one for one in rest.split() if not (places and ABOVE.fullmatch(one))]
    where = Places()
    for one in named:
        where = where.both(one)
    for spelled, names in _splits(gazetteer, typed.letters, has_place=bool(where)):
        here = where.both(spelled) if spelled else where
        if here:
            yield _address(typed, here, [*left, *names])
    if not typed.figures:
        words, letters = "".join(typed.names), "".join(typed.letters)
        if words and not letters:
            yield meant("name", _by_name(words), Q(holder__name=words))
        elif letters and not words:
            yield meant("name", _spelled(letters).q, Q(holder__keys__key=letters))
    if left or (typed.names and not where):
        yield meant("words", _by_words(typed))


def _splits(
    gazetteer: Gazetteer, letters: tuple[str, ...], *, has_place: bool
) -> Iterator[tuple[Places, list[str]]]:
    """Yield what letters may mean: the first words a place, the others somebody's name."""
    if has_place or not letters:
        yield Places(), ["".join(letters)] if letters else []
        return
    for end in range(len(letters), 0, -1):
        found = gazetteer.starting("".join(letters[:end]))
        if found:
            yield found, ["".join(letters[end:])] if end < len(letters) else []


def _address(typed: addresses.Typed, places: Places, words: list[str]) -> Meaning:
    where = Q(estate__in=places.estates) if places.estates else Q()
    if places.streets:
        where |= Q(street__in=places.streets)
    return _there(where & door(typed), [_word(word) for word in words], _very_door(typed))


def _word(word: str) -> Told:
    """Return what keeps accounts of a place by a further word: whose name, or of the address."""
    if word.isascii():
        return _spelled(word)
    anywhere = (
        Q(holder__name__contains=word)
        | Q(premises__address__contains=word)
        | Q(premises__district__contains=word)
    )
    return Told(anywhere, is_few=False)


def _spelled(letters: str) -> Told:
    """Return what keeps accounts whose holder's name is typed so."""
    keys = NameKey.objects.filter(begins("key", letters))
    mine = Exists(keys.filter(person=OuterRef("holder_id")))
    return told("holder", keys.values_list("person", flat=True), mine)


def door(typed: addresses.Typed) -> Q:
    """Return what keeps the premises whose path fits the figures; the latest may be unfinished."""
    if not typed.figures:
        return Q()
    if typed.marked:
        return _marked_door(typed)
    key = "-".join(typed.figures)
    found = begins("path", key) | begins("short_path", key)
    if len(typed.figures) == 1:
        found |= Q(room=key)
    elif len(typed.figures) == 2:
        # 2单元501 typed as 2-501, where the building is not known.
        found |= Q(unit=typed.figures[0], room=typed.figures[1])
    return found


def _marked_door(typed: addresses.Typed) -> Q:
    parts = dict(typed.marked)
    rest = list(typed.figures)
    for one in parts.values():
        if one in rest:
            rest.remove(one)
    free = [name for name in ("building", "unit", "room") if name not in parts]
    if "building" in parts or len(rest) < len(free):
        free = [name for name in free if name != "building" or len(rest) > 2]
    if len(rest) == 1 and "room" in free:
        free = ["room"]
    for name, one in zip(free, rest, strict=False):
        parts[name] = one
    found = Q()
    for name, one in parts.items():
        found &= FIELDS[name](one)
    return found


def _number(one: str) -> Q:
    # 光明小区3号 is its third building as often as a house number.
    return Q(number=one) | Q(building__number=one)


def _floor(one: str) -> Q:
    by_room = Q(room__startswith=one) if one.isdigit() else Q()
    return (Q(floor=int(one)) | by_room) if one.isdigit() else by_room


FIELDS: dict[str, Callable[[str], Q]] = {
    "number": _number,
    "building": lambda one: Q(building__number=one),
    "unit": lambda one: Q(unit=one),
    "room": lambda one: begins("room", one),
    "floor": _floor,
}


def _very_door(typed: addresses.Typed) -> Q | None:
    """Return what keeps the very door, or everything behind it: 3-2 but not 3-21."""
    if not typed.figures:
        return None
    if typed.marked:
        return Q(premises__room=typed.figures[-1])
    key = "-".join(typed.figures)
    exact = Q(premises__path=key) | Q(premises__short_path=key)
    return exact | begins("premises__path", f"{key}-")


def _by_name(name: str) -> Q:
    found = _few(indexed.NAMES.narrow(Person.objects.order_by(), name))
    return Q(holder__name__contains=name) if found is None else Q(holder__in=found)


def _by_words(typed: addresses.Typed) -> Q:
    """Look for the words as they stand in written addresses and in names."""
    premises = indexed.ADDRESSES.narrow_all(Premises.objects.order_by(), list(typed.names))
    if typed.figures:
        premises = premises.filter(door(typed))
    found = _few(premises)
    if found is not None:
        return Q(premises__in=found)
    every = Q()
    for word in typed.names:
        every &= Q(premises__address__contains=word)
    if not typed.figures:
        return every
    return every & Q(
        Exists(Premises.objects.filter(door(typed), pk=OuterRef("premises_id")).order_by())
    )


def _few(rows: QuerySet[Any]) -> list[int] | None:
    """Return the numbers of rows, or None for too many: the index of words narrows only its own."""
    found = list(rows.values_list("pk", flat=True)[: FEW + 1])
    return found if len(found) <= FEW else None


def how_words(how: str) -> Any:
    """Return in words how a hit fitted."""
    from huoshui.areas.customers import words

    return words.HOW[how]


def as_found(rows: list[tuple[int, str]]) -> list[contracts.Found]:
    """Return hits as others may see them, masked, in their order; two questions."""
    by_id = {
        row.pk: row
        for row in Account.objects.filter(pk__in=[pk for pk, _how in rows])
        .select_related("holder", "premises__estate")
        .prefetch_related("points")
    }
    found = []
    for pk, how in rows:
        row = by_id.get(pk)
        if row is None:
            continue
        point = next(iter(row.points.all()), None)
        company = row.holder.kind == contracts.PersonKind.COMPANY
        estate = row.premises.estate
        found.append(
            contracts.Found(
                account_code=row.code,
                name=rules.masked_name(row.holder.name, is_company=company),
                address=row.premises.address,
                meter_number=point.meter_number if point else "",
                estate_code=estate.code if estate else "",
                how=how,
            )
        )
    return found
