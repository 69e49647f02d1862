"""Make the declared indexes, and mend them.

A table that a migration made anew has lost its triggers, so every index is looked at after each.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.utils import Error as DatabaseError

from huoshui.kernel.search.index import Index

logger = logging.getLogger("huoshui.search")

_declared: dict[str, Index] = {}


def declare(index: Index) -> None:
    """Have an index made after the next migration, and kept from then on."""
    _declared[index.table] = index


def declared() -> tuple[Index, ...]:
    """Return every declared index by its table."""
    return tuple(_declared[table] for table in sorted(_declared))


def triggers(index: Index) -> dict[str, str]:
    """Return the triggers that keep the index of a table on SQLite, by name."""
    words, table = index.words, index.table
    add = f'INSERT INTO "{words}"(rowid, text) VALUES (new.id, {index.text_of("new")});'
    drop = (
        f'INSERT INTO "{words}"("{words}", rowid, text) '
        f"VALUES ('delete', old.id, {index.text_of('old')});"
    )
    columns = ", ".join(f'"{one}"' for one in index.columns)
    return {
        f"{words}_added": f'AFTER INSERT ON "{table}" BEGIN {add} END',
        f"{words}_removed": f'AFTER DELETE ON "{table}" BEGIN {drop} END',
        f"{words}_changed": f'AFTER UPDATE OF {columns} ON "{table}" BEGIN {drop} {add} END',
    }


def ensure(index: Index, using: str = "default") -> bool:
    """Make an index that is missing, torn or of other columns; tell whether there was need."""
    connection = connections[using]
    if index.table not in connection.introspection.table_names():
        return False
    if connection.vendor == "sqlite":
        return _ensure_sqlite(index, connection)
    return _ensure_postgresql(index, connection)


def _ensure_sqlite(index: Index, connection: Any) -> bool:
    words = index.words
    wanted = {name: f'CREATE TRIGGER "{name}" {body}' for name, body in triggers(index).items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type = 'trigger'",
            [index.table],
        )
        found = {name: sql for name, sql in cursor.fetchall() if name in wanted}
        if found == wanted and _is_complete(index, cursor):
            return False
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name in wanted:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        cursor.execute(f'DROP TABLE IF EXISTS "{words}_terms"')
        cursor.execute(f'DROP TABLE IF EXISTS "{words}"')
        cursor.execute(
            f"CREATE VIRTUAL TABLE \"{words}\" USING fts5(text, content='', tokenize='trigram')"
        )
        cursor.execute(f'CREATE VIRTUAL TABLE "{words}_terms" USING fts5vocab("{words}", row)')
        for statement in wanted.values():
            cursor.execute(statement)
        cursor.execute(_filling(index))
    return True


def _is_complete(index: Index, cursor: Any) -> bool:
    """Tell whether the index has as many rows as its table."""
    cursor.execute(
        f'SELECT (SELECT count(*) FROM "{index.table}") = '
        f'(SELECT count(*) FROM "{index.words}_docsize")'
    )
    return bool(cursor.fetchone()[0])


def _filling(index: Index) -> str:
    text = index.text_of(f'"{index.table}"')
    return f'INSERT INTO "{index.words}"(rowid, text) SELECT id, {text} FROM "{index.table}"'


def _ensure_postgresql(index: Index, connection: Any) -> bool:
    """Make the index if the server allows it; without pg_trgm the table is searched row by row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [index.words])
        if cursor.fetchone():
            return False
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(
                f'CREATE INDEX "{index.words}" ON "{index.table}" '
                f"USING gin ({index.document()} gin_trgm_ops)"
            )
    except DatabaseError as problem:
        logger.warning("no index of words for %s: %s", index.table, problem)
        return False
    return True


def rebuild(index: Index, using: str = "default") -> None:
    """Index all rows of a table anew, on SQLite; PostgreSQL needs no such thing."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{index.words}"("{index.words}") VALUES (\'delete-all\')')
        cursor.execute(_filling(index))


@contextmanager
def without_triggers(index: Index, using: str = "default") -> Iterator[None]:
    """Leave the index alone while many rows go in, then index them all at once.

    Use inside the transaction of the import: what goes wrong takes triggers and index back as well.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in triggers(index):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
    yield
    if connection.vendor == "sqlite":
        _ensure_sqlite(index, connection)
