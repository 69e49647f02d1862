"""Writing accounts with their people, places and meters, many at once.

One way in for the import, the demo and the benchmark: rows are compared with what is known, and
only what differs is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huoshui.areas.customers import addresses, contracts, placing, sounds, stating
from huoshui.areas.customers.models import (
    Account,
    Building,
    Estate,
    NameKey,
    Person,
    Phone,
    Premises,
    ServicePoint,
    Street,
)
from huoshui.areas.customers.stating import Row

BATCH = 500


Differ = Callable[[str, str, Any, Any], None]
"""What is told of each difference: account, which column, before, after."""


@dataclass
class Writer:
    """Takes rows in batches. With ``dry`` it compares and counts only."""

    now: datetime
    dry: bool = False
    differ: Differ = lambda code, what, before, after: None
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    _estates: dict[str, Estate] = field(default_factory=dict)
    _streets: dict[str, Street] = field(default_factory=dict)
    _buildings: dict[tuple[int, str], Building] = field(default_factory=dict)
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for estate in Estate.objects.all():
            self._estates[estate.code] = estate
            self._estates.setdefault(estate.name, estate)
        self._streets = {one.name: one for one in Street.objects.all()}
        self._buildings = {(one.estate_id, one.number): one for one in Building.objects.all()}

    def estate(self, text: str) -> Estate | None:
        """Return the estate of a code or a name."""
        return self._estates.get(text)

    def named_estate(self, address: str) -> Estate | None:
        """Return the estate that a written address names, by the longest of the names in it."""
        named = (name for name in self._estates if len(name) > 1 and name in address)
        name = max(named, key=len, default=None)
        return self._estates[name] if name else None

    def write(self, rows: Sequence[Row]) -> None:
        """Keep some rows, each of another account."""
        known = {
            one.code: one
            for one in Account.objects.filter(code__in=[row.code for row in rows])
            .select_related("holder", "premises__estate", "premises__building", "premises__street")
            .prefetch_related("holder__phones", "points")
        }
        fresh = [row for row in rows if row.code not in known]
        self._places(rows)
        self._change([(known[row.code], row) for row in rows if row.code in known])
        self.created += len(fresh)
        if fresh and not self.dry:
            self._create(fresh)

    # Places.

    def _places(self, rows: Sequence[Row]) -> None:
        """Make the streets and buildings that rows name for the first time."""
        if self.dry:
            return
        names = {row.street for row in rows if row.street and row.street not in self._streets}
        if names:
            made = Street.objects.bulk_create([Street(name=name) for name in sorted(names)])
            placing.keep_keys(streets=made)
            self._streets.update({one.name: one for one in made})
        wanted: dict[tuple[int, str], Building] = {}
        for row in rows:
            estate = self.estate(row.estate) if row.estate else None
            number = addresses.figure(row.building)
            if estate is not None and number and (estate.pk, number) not in self._buildings:
                wanted[estate.pk, number] = Building(
                    estate=estate, number=number, name=(row.building or "")[:60]
                )
        if wanted:
            Building.objects.bulk_create(wanted.values(), batch_size=BATCH)
            self._buildings.update(wanted)

    def _place_of(self, row: Row) -> dict[str, Any]:
        """Return the columns of the premises that a row states."""
        estate = self.estate(row.estate) if row.estate else None
        parts = {
            "number": addresses.figure(row.number),
            "unit": addresses.figure(row.unit),
            "room": addresses.figure(row.room),
        }
        building = addresses.figure(row.building)
        # Within an estate doors count from the building; the house number is only that of the gate.
        first = "" if estate else parts["number"]
        return {
            "address": row.address or self._written(row, estate),
            "district": row.district or (estate.district if estate else ""),
            "street": self._streets.get(row.street or ""),
            "estate": estate,
            "building": self._buildings.get((estate.pk, building)) if estate else None,
            "floor": row.floor,
            "path": addresses.path_of(
                number=first, building=building, unit=parts["unit"], room=parts["room"]
            ),
            "short_path": addresses.short_path_of(
                number=first, building=building, room=parts["room"]
            ),
            "lon": row.lon,
            "lat": row.lat,
            "connection_code": row.connection or "",
            **parts,
        }

    def _written(self, row: Row, estate: Estate | None) -> str:
        """Return an address in words from its parts, as people write it."""
        said = [estate.name if estate else (row.street or "")]
        if row.number and not estate:
            said.append(f"{addresses.figure(row.number)}号")
        for part, word in ((row.building, "号楼"), (row.unit, "单元"), (row.room, "室")):
            if part:
                said.append(f"{addresses.figure(part)}{word}")
        return "".join(said) or row.code

    # New accounts.

    def _create(self, rows: Sequence[Row]) -> None:
        premises = [Premises(code=row.premises or row.code, **self._place_of(row)) for row in rows]
        taken = dict(
            Premises.objects.filter(code__in=[one.code for one in premises]).values_list(
                "code", "pk"
            )
        )
        first: dict[str, Premises] = {}
        for one in premises:
            if one.code in taken:
                one.pk = taken[one.code]
            first.setdefault(one.code, one)
        new = [one for code, one in first.items() if code not in taken]
        Premises.objects.bulk_create(new, batch_size=BATCH)
        holders = self._holders(rows)
        accounts = [
            Account(
                code=row.code, tail=row.code[::-1], premises_id=first[place.code].pk,
                holder=holder, state=row.state or contracts.AccountState.ACTIVE,
                tariff=row.tariff or "", balance_cents=row.balance_cents,
                balance_as_of=None if row.balance_cents is None else row.balance_as_of or self.now,
                opened_date=row.opened_date, use_m3_year=row.use_m3_year, added_at=self.now,
            )
            for row, place, holder in zip(rows, premises, holders, strict=True)
        ]  # fmt: skip
        Account.objects.bulk_create(accounts, batch_size=BATCH)
        self._points(list(zip(accounts, rows, strict=True)))

    def _points(self, pairs: Sequence[tuple[Account, Row]]) -> None:
        ServicePoint.objects.bulk_create(
            [
                ServicePoint(
                    premises_id=account.premises_id, account=account, meter_number=row.meter,
                    tail=row.meter[::-1], connection_code=row.connection or "",
                    diameter_mm=row.diameter_mm, reading_m3=row.reading_m3,
                    reading_date=row.reading_date, is_exposed=bool(row.exposed),
                )
                for account, row in pairs
                if row.meter
            ],
            batch_size=BATCH,
        )  # fmt: skip

    def _holders(self, rows: Sequence[Row]) -> list[Person]:
        """Return the holder of each row; the same name with the same number is the same person."""
        numbers = {row.phones[0] for row in rows if row.phones}
        known: dict[tuple[str, str], Person] = {}
        phones = Phone.objects.filter(number__in=numbers).select_related("person")
        for one in phones:
            known[one.person.name, one.number] = one.person
        new: list[tuple[Person, Row]] = []
        found: list[Person] = []
        for row in rows:
            name = row.name or row.code
            key = (name, row.phones[0]) if row.phones else None
            person = known.get(key) if key else None
            if person is None:
                person = Person(
                    kind=row.kind or stating.kind_of(name), name=name,
                    wechat_openid=row.wechat_openid or "", email=row.email or "",
                )  # fmt: skip
                new.append((person, row))
                if key:
                    known[key] = person
            found.append(person)
        Person.objects.bulk_create([person for person, _row in new], batch_size=BATCH)
        self._keep_phones([(person, row.phones or ()) for person, row in new])
        self.keep_names([person for person, _row in new])
        return found

    def _keep_phones(self, several: Sequence[tuple[Person, Sequence[str]]]) -> None:
        Phone.objects.bulk_create(
            [
                Phone(person=person, number=number, tail=number[::-1], is_first=not place)
                for person, numbers in several
                for place, number in enumerate(dict.fromkeys(numbers))
            ],
            batch_size=BATCH,
        )

    def keep_names(self, people: Sequence[Person]) -> None:
        """Write how the names of people may be typed."""
        NameKey.objects.bulk_create(
            [
                NameKey(key=key[:60], person=person)
                for person in people
                for key in self._keys_of(person.name)
            ],
            batch_size=BATCH,
        )

    def _keys_of(self, name: str) -> tuple[str, ...]:
        found = self._keys.get(name)
        if found is None:
            found = self._keys[name] = sounds.keys(name)
        return found

    # Accounts that are known.

    def _change(self, pairs: Sequence[tuple[Account, Row]]) -> None:
        changed: dict[type, list[Any]] = {Account: [], Premises: [], Person: [], ServicePoint: []}
        renamed: list[Person] = []
        phones: list[tuple[Person, tuple[str, ...]]] = []
        new_points: list[tuple[Account, Row]] = []
        handed: list[tuple[Account, Row]] = []
        kinds = (*changed.values(), phones, new_points, handed)
        for row, said in pairs:
            before = sum(map(len, kinds))
            if self._set(said.code, row, self._account_of(row, said)):
                changed[Account].append(row)
            if self._set(said.code, row.premises, self._moved(row.premises, said)):
                changed[Premises].append(row.premises)
            numbers = tuple(one.number for one in row.holder.phones.all())
            has_new_phone = bool(said.phones) and set(said.phones or ()) != set(numbers)
            if self._is_somebody_else(row, said, has_new_phone=has_new_phone):
                self.differ(said.code, "name", row.holder.name, said.name)
                handed.append((row, said))
            elif self._set(said.code, row.holder, self._person_of(said)):
                changed[Person].append(row.holder)
                renamed.append(row.holder)
            if has_new_phone:
                self.differ(said.code, "phones", ", ".join(numbers), ", ".join(said.phones or ()))
                if (row, said) not in handed[-1:]:
                    phones.append((row.holder, said.phones or ()))
            point = next((p for p in row.points.all() if p.meter_number == said.meter), None)
            if said.meter is None:
                tag = {"is_exposed": said.exposed}
                tagged = [one for one in row.points.all() if self._set(said.code, one, tag)]
                changed[ServicePoint] += tagged
            elif point is not None and self._set(said.code, point, self._point_of(said)):
                changed[ServicePoint].append(point)
            elif point is None:
                self.differ(said.code, "meter", None, said.meter)
                new_points.append((row, said))
            if sum(map(len, kinds)) > before:
                self.changed += 1
            else:
                self.unchanged += 1
        if self.dry:
            return
        holders = self._holders([said for _row, said in handed])
        for (row, _said), holder in zip(handed, holders, strict=True):
            row.holder = holder
        Account.objects.bulk_update([row for row, _said in handed], ["holder"], batch_size=BATCH)
        for model, rows in changed.items():
            if rows:
                model.objects.bulk_update(rows, FIELDS[model], batch_size=100)  # type: ignore[attr-defined]
        NameKey.objects.filter(person__in=renamed).delete()
        self.keep_names(renamed)
        Phone.objects.filter(person__in=[person for person, _numbers in phones]).delete()
        self._keep_phones(phones)
        self._points(new_points)

    def _is_somebody_else(self, row: Account, said: Row, *, has_new_phone: bool) -> bool:
        """Tell whether a row names another holder, and not the same one written differently.

        Another name with another number is somebody else; so is another name where the holder has
        further accounts, which must not be renamed with this one.
        """
        if said.name is None or said.name == row.holder.name:
            return False
        return has_new_phone or row.holder.held.exclude(pk=row.pk).exists()

    def _account_of(self, row: Account, said: Row) -> dict[str, Any]:
        wanted = {
            "state": said.state, "tariff": said.tariff, "balance_cents": said.balance_cents,
            "opened_date": said.opened_date, "balance_as_of": said.balance_as_of,
            "use_m3_year": said.use_m3_year,
        }  # fmt: skip
        if said.balance_cents is not None and row.balance_cents != said.balance_cents:
            wanted["balance_as_of"] = said.balance_as_of or self.now
        return wanted

    def _moved(self, row: Premises, said: Row) -> dict[str, Any]:
        """Return what a row says of the place; parts of the address only as a whole."""
        states = (said.address, said.street, said.estate, said.building, said.unit, said.room)
        if not any(states):
            return {"lon": said.lon, "lat": said.lat, "connection_code": said.connection}
        wanted = self._place_of(said)
        for name, value in (
            ("lon", said.lon),
            ("lat", said.lat),
            ("floor", said.floor),
            ("connection_code", said.connection),
            ("district", said.district),
        ):
            if value is None:
                del wanted[name]
        for name in ("street", "estate", "building"):
            wanted[f"{name}_id"] = wanted[name].pk if wanted[name] is not None else ""
            del wanted[name]
        if not said.address and row.path == wanted["path"]:
            del wanted["address"]
        return wanted

    def _person_of(self, said: Row) -> dict[str, Any]:
        return {
            "name": said.name, "kind": said.kind, "wechat_openid": said.wechat_openid,
            "email": said.email,
        }  # fmt: skip

    def _point_of(self, said: Row) -> dict[str, Any]:
        return {
            "connection_code": said.connection, "diameter_mm": said.diameter_mm,
            "reading_m3": said.reading_m3, "reading_date": said.reading_date,
            "is_exposed": said.exposed,
        }  # fmt: skip

    def _set(self, code: str, row: Any, wanted: dict[str, Any]) -> bool:
        """Set what differs; None says nothing, and an empty key of another row is none."""
        is_changed = False
        for name, value in wanted.items():
            if value is None:
                continue
            value = None if name.endswith("_id") and value == "" else value
            before = getattr(row, name)
            if before == value:
                continue
            is_changed = True
            if name not in SILENT:
                self.differ(code, name, before, value)
            setattr(row, name, value)
        return is_changed


SILENT = frozenset({"path", "short_path", "street_id", "estate_id", "building_id", "balance_as_of"})
FIELDS: dict[type, list[str]] = {
    Account: ["state", "tariff", "balance_cents", "balance_as_of", "opened_date", "use_m3_year"],
    Premises: [
        "address", "district", "street", "number", "estate", "building", "unit", "floor", "room",
        "path", "short_path", "lon", "lat", "connection_code",
    ],
    Person: ["name", "kind", "wechat_openid", "email"],
    ServicePoint: [
        "connection_code", "diameter_mm", "reading_m3", "reading_date", "is_exposed",
    ],
}  # fmt: skip
