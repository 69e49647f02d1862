"""A million cases for benchmarks, made from a seed: the same ones each time."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ROADS = ("东风", "建设", "人民", "中山", "解放", "滨河", "花园", "学院", "工业", "长江")
TROUBLES = ("漏水", "水压低", "无水", "水表不走", "水质发黄", "井盖缺失", "账单疑问", "过户咨询")
TYPES = (("bench.repair", "BR"), ("bench.enquiry", "BE"), ("bench.complaint", "BC"))
STATES = (("new", "open"), ("work", "open"), ("check", "waiting"), ("done", "done"))
ACCOUNTS = 500_000
CLASSES = tuple(f"c{n}" for n in range(80))
OPEN_FRAC = 0.03
SPOT = (104.06, 30.66)


def made(rows: int, versions: dict[str, int], people: list[int], units: list[int]) -> Iterator[Any]:
    """Yield the cases of three years; the same ones each time."""
    from huoshui.kernel.cases.models import Case
    from huoshui.kernel.cases.models.case import CLOSED, NEVER

    dice = random.Random(20260302)
    begin = NOW - timedelta(days=3 * 365)
    for n in range(rows):
        code, prefix = dice.choices(TYPES, weights=(45, 45, 10))[0]
        opened_at = begin + (NOW - begin) * (n / rows)
        is_open = n > rows * 0.9 and dice.random() < OPEN_FRAC * 10
        state, kind = dice.choice(STATES[:3]) if is_open else STATES[3]
        due = (
            NOW + timedelta(minutes=dice.randint(-600, 6000))
            if is_open and dice.random() < 0.95
            else None
        )
        place = f"{dice.choice(ROADS)}路{dice.randint(1, 999)}号"
        yield Case(
            id=n + 1,
            number=f"{prefix}{opened_at.year}-{n:05d}",
            type_code=code,
            version_id=versions[code],
            title=f"{place}{dice.choice(TROUBLES)}",
            place=place,
            lon=SPOT[0] + dice.uniform(-0.2, 0.2),
            lat=SPOT[1] + dice.uniform(-0.2, 0.2),
            state=state,
            state_kind=kind,
            state_since_at=opened_at,
            priority=dice.choices((0, 1, 2, 3), weights=(5, 15, 70, 10))[0],
            channel=dice.choice(("phone", "wechat", "counter")),
            unit_id=dice.choice(units),
            owner_id=dice.choice(people) if dice.random() < 0.8 else None,
            values={
                "klass": dice.choice(CLASSES),
                "dug": dice.random() < 0.5,
                "depth": dice.randrange(300) / 100,
                "seen_on": opened_at.date().isoformat(),
                "looked": dice.choice(people),
            },
            opened_at=opened_at,
            opened_by_id=people[0],
            next_due_at=due,
            due_order_at=(due or NEVER) if is_open else CLOSED,
            next_due_clock="settle" if due else "",
            paused_for="away" if is_open and due is None else "",
            closed_at=None if is_open else opened_at + timedelta(hours=dice.randint(1, 100)),
        )


def fill(rows: int) -> None:
    """Write people, units, cases and what opening and moving them would have left behind.

    It writes in bulk, for a million cases by the real path take half a day: of every case the row
    itself, what it is about, the telephone it came from, one line of its timeline for the opening
    and for each move, its deadline, and the call-back of each third. Indexes are made when all
    rows are in. Left out are notices, events and the audit trail, which no page of cases asks.
    """
    from django.core.management.color import no_style
    from django.db import connection, transaction

    from huoshui.kernel import search
    from huoshui.kernel.accounts.models import Post, PostHolding, User
    from huoshui.kernel.cases import by_field, queries, snapshots
    from huoshui.kernel.cases.declaring import case_type
    from huoshui.kernel.cases.models import Case
    from huoshui.kernel.organisation.models import Unit, UnitPeriod

    for n in range(100):
        User.objects.create(username=f"u{n}", name=f"Person {n}", created_at=NOW)
        unit = Unit.objects.create(code=f"U{n}", created_at=NOW)
        UnitPeriod.objects.create(
            unit=unit, name_zh=f"单位{n}", name_en=f"Unit {n}", kind="team", from_date=NOW.date()
        )
    post = Post.objects.get(code="manager")
    PostHolding.objects.create(user=User.objects.get(username="u2"), post=post, from_at=NOW)
    small = Unit.objects.get(code="U90")
    PostHolding.objects.create(
        user=User.objects.get(username="u3"), post=post, unit=small, from_at=NOW
    )
    people = list(User.objects.values_list("pk", flat=True))
    units = list(Unit.objects.values_list("pk", flat=True)[:20])
    versions = {code: snapshots.version_id(case_type(code)) for code, _p in TYPES}  # type: ignore[arg-type]
    dice = random.Random(1)
    with transaction.atomic(), search.without_triggers(queries.WORDS), _without_indexes():
        cases_made = made(rows, versions, people, units)
        while batch := list(itertools.islice(cases_made, 5000)):
            _write(batch, people, dice)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Case]):
                cursor.execute(statement)
    by_field.ensure()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextlib.contextmanager
def _without_indexes() -> Iterator[None]:
    """Drop the plain indexes of the tables of cases while rows go in, on SQLite; then make them."""
    from django.db import connection

    found: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE%%'"
                " AND tbl_name LIKE 'cases\\_%%' ESCAPE '\\'"
            )
            found = cursor.fetchall()
        for name, _sql in found:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _name, sql in found:
            cursor.execute(sql)


# The small tables row by row as the real path fills them; what is not named keeps its default.
COLUMNS = {
    "CaseLink": ("case_id", "kind", "code"),
    "CasePrivate": ("case_id", "name", "phone", "phone_digits", "values"),
    "CaseStep": (
        "case_id", "kind", "transition", "from_state", "to_state", "stayed_s", "at", "by_id",
        "note", "data", "request_key",
    ),
    "CaseClockRun": (
        "case_id", "clock", "round", "limit_amount", "limit_unit", "started_at", "due_at",
        "warn_at", "level", "stopped_at", "overtaken", "late", "next_check_at",
    ),
    "CaseCallBack": ("case_id", "round", "reached", "content", "score", "note", "at", "by_id"),
}  # fmt: skip


def _write(batch: list[Any], people: list[int], dice: random.Random) -> None:
    """Write some cases and what belongs to them, without Django's own work for each row."""
    from django.db import connection

    from huoshui.kernel.cases import models

    moment = connection.ops.adapt_datetimefield_value
    fields = models.Case._meta.concrete_fields
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
    written = [
        tuple(one.get_db_prep_save(getattr(case, one.attname), connection) for one in fields)
        for case in batch
    ]
    for case in batch:
        account = dice.randrange(ACCOUNTS)
        phone = f"138{account:08d}"
        rows["CaseLink"].append((case.pk, "customers.account", f"A{account}"))
        rows["CasePrivate"].append((case.pk, "", phone, phone, "{}"))
        rows["CaseStep"] += _timeline(case, people, dice, moment)
        due = case.next_due_at or case.opened_at + timedelta(days=4)
        warn_at = moment(due - timedelta(days=1))
        rows["CaseClockRun"].append(
            (
                case.pk, "settle", 0, 3, "working_days", moment(case.opened_at), moment(due),
                warn_at, 0, moment(case.closed_at) if case.closed_at else None, False,
                bool(case.closed_at) and dice.random() < 0.1, None if case.closed_at else warn_at,
            )
        )  # fmt: skip
        if case.closed_at and dice.random() < 1 / 3:
            score = dice.choices((5, 4, 3, 1), weights=(60, 25, 10, 5))[0]
            rows["CaseCallBack"].append(
                (case.pk, 0, True, score >= 4, score, "", moment(case.closed_at), people[0])
            )
    _insert(models.Case._meta.db_table, [one.column for one in fields], written)
    for name, found in rows.items():
        _insert(getattr(models, name)._meta.db_table, COLUMNS[name], found)


def _insert(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    named = ", ".join(f'"{one}"' for one in columns)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({marks})', rows)


def _timeline(
    case: Any, people: list[int], dice: random.Random, moment: Callable[[datetime], Any]
) -> Iterator[tuple[Any, ...]]:
    """Yield the opening of a case, and one move for each state it has left."""
    codes = [code for code, _kind in STATES]
    stood = codes.index(case.state)
    span = (case.closed_at or NOW) - case.opened_at
    opened_at, by_id = moment(case.opened_at), people[0]
    yield (case.pk, "opened", "", "", "new", None, opened_at, by_id, "", "{}", "")
    for n, (begin, goal) in enumerate(itertools.pairwise(codes[: stood + 1]), start=1):
        at, stayed_s = moment(case.opened_at + span * (n / stood)), span.total_seconds() / stood
        by_id = dice.choice(people)
        yield (case.pk, "moved", f"to_{goal}", begin, goal, stayed_s, at, by_id, "", "{}", "")
