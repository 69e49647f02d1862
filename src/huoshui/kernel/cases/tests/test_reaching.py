"""What a reader of one unit reaches, however many cases there are, and how it is asked for."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from huoshui.kernel import cases
from huoshui.kernel.cases import queries, reaching, statistics
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.tests.conftest import NOW, lost_key
from huoshui.kernel.organisation.models import Unit, UnitPeriod


@pytest.fixture
def yard(keys, people, at_ten):
    """Return a reader of one unit with a case of it, one of theirs elsewhere, and a strange one."""
    units = {}
    for code in ("NORTH", "SOUTH"):
        units[code] = Unit.objects.create(code=code, created_at=NOW)
        UnitPeriod.objects.create(
            unit=units[code], name_zh=code, name_en=code, kind="team", from_date=NOW.date()
        )
    reader = people.add("yard", "manager", units["NORTH"])

    def opened(unit, **more):
        given = {"by_id": people.desk.pk, **more}
        return cases.open_case(keys.code, "Key", unit=unit, **given).number

    mine = {
        opened("NORTH"),
        opened("SOUTH", owner_id=reader.pk),
        opened("SOUTH", by_id=None, owner_id=reader.pk),
    }
    own = opened("SOUTH")
    Case.objects.filter(number=own).update(opened_by=reader)
    return SimpleNamespace(reader=reader, mine=mine | {own}, strange=opened("SOUTH"))


@pytest.mark.parametrize("few", [0, 30_000])
def test_a_reader_of_a_unit_reaches_the_same_however_it_is_asked(yard, keys, few, monkeypatch):
    monkeypatch.setattr(reaching, "FEW", few)

    for rows in (queries.readable(yard.reader), queries.readable(yard.reader, keys.code)):
        assert set(rows.values_list("number", flat=True)) == yard.mine
        assert rows.count() == len(yard.mine)
    found = statistics.figures(
        queries.readable(yard.reader, keys.code), NOW - timedelta(days=1), NOW + timedelta(days=1)
    )
    assert found[0].opened == len(yard.mine)
    linked = queries.linked_between("x.y", NOW, NOW + timedelta(days=1), reader=yard.reader)
    assert linked == []


@pytest.mark.parametrize("few", [0, 30_000])
def test_what_a_reader_reaches_in_one_kind_gives_nothing_of_another(
    yard, declare, people, few, monkeypatch
):
    monkeypatch.setattr(reaching, "FEW", few)
    declare(
        lost_key(
            code="office.secret",
            prefix="Z",
            permissions=tuple(
                cases.Permission(code, code, ("dispatcher",))
                for code in ("read", "open", "work", "check")
            ),
        )
    )
    secret = cases.open_case("office.secret", "Safe", unit="NORTH", by_id=people.desk.pk)

    assert secret.number not in set(queries.readable(yard.reader).values_list("number", flat=True))
    assert secret.number in set(queries.readable(people.desk).values_list("number", flat=True))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="says to SQLite where to begin")
def test_few_are_found_by_their_keys_and_many_by_the_order(yard, monkeypatch):
    def plan():
        return queries.readable(yard.reader).order_by("-opened_at", "-pk")[:50].explain()

    assert "USING INTEGER PRIMARY KEY (rowid=?)" in plan()
    monkeypatch.setattr(reaching, "FEW", 0)
    assert "USING INDEX cases_case_opened_at" in plan()
    assert "TEMP B-TREE" not in plan().replace("FOR LAST TERM", "")
