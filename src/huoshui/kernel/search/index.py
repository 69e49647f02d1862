"""An index of every three letters that follow each other in some fields of a table.

On SQLite it is an FTS5 table with the trigram tokenizer, kept by triggers. Behind each field two
separators are written, so that also a word of one or two letters, which is what most Chinese words
are, begins some trigram and is found by the index. On PostgreSQL it is a GIN index of pg_trgm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

SEPARATOR = "\x1f"
# Beyond so many hits it is cheaper to walk the table in its order and read each row: a page and a
# count are full long before the table ends. Fewer are read by their keys and sorted.
MANY = 5_000
TERMS_MAX = 400
# So many rows from both ends and the middle of the table tell whether a word is common, before the
# index is asked: it reads all hits of a word to say anything about it.
SAMPLE = 500
COMMON_FRAC = 0.05
HIGHEST = "\U0010ffff"


@dataclass(frozen=True)
class Index:
    """Which text columns of a table can be searched; all values are names of the database.

    ``leading`` is an indexed column with the natural key of the first one. With it a single Latin
    letter finds what begins with it: anywhere in a text it would find nearly everything.
    """

    table: str
    columns: tuple[str, ...]
    leading: str = ""

    def __post_init__(self) -> None:
        for name in (self.table, *self.columns, self.leading or self.table):
            if not name.replace("_", "").isalnum() or not name.isascii():
                msg = f"{name!r} is no plain name of a table or column"
                raise ValueError(msg)

    @property
    def words(self) -> str:
        """The name of the index in the database."""
        return f"{self.table}_words"

    def text_of(self, row: str) -> str:
        """Return SQL for the text that is indexed, for a row called so in a statement."""
        end = f"char({ord(SEPARATOR)}, {ord(SEPARATOR)})"
        return " || ".join(f"coalesce({row}.\"{one}\", '') || {end}" for one in self.columns)

    def document(self, *, of_table: bool = False) -> str:
        """Return PostgreSQL's expression that is indexed, or that is searched in the table."""
        before = f'"{self.table}".' if of_table else ""
        fields = [f"coalesce({before}\"{one}\", '')" for one in self.columns]
        # A literal, because the function chr() would be called for each row of a scan.
        return "(" + " || E'\\x1f' || ".join(fields) + ")"

    def narrow(self, rows: QuerySet[Any], word: str, *, by: str = "") -> QuerySet[Any]:
        """Keep the rows in which a word occurs anywhere, whatever its capitals.

        ``by`` is the column in whose order the rows are wanted, where that is known.
        """
        clean = word.replace(SEPARATOR, "").replace("\x00", "")
        if not clean:
            return rows
        if self.leading and len(clean) == 1 and clean.isascii() and clean.isalpha():
            return self._beginning(rows, clean.lower(), by)
        if connections[rows.db].vendor == "sqlite":
            return self._narrow_sqlite(rows, clean)
        return self._narrow_postgresql(rows, clean)

    def _beginning(self, rows: QuerySet[Any], letter: str, by: str) -> QuerySet[Any]:
        """Keep the rows that begin with a letter.

        Many of them are met soon by walking the table in another order; few are found and sorted.
        """
        among = {f"{self.leading}__gte": letter, f"{self.leading}__lt": chr(ord(letter) + 1)}
        found = rows.filter(**among)
        if by == self.leading or connections[rows.db].vendor != "sqlite":
            return found
        if found.order_by().values("pk")[: MANY + 1].count() <= MANY:
            return found
        column = f'+"{self.table}"."{self.leading}"'
        inside = f"({column} >= %s AND {column} < %s)"
        ends = [letter, chr(ord(letter) + 1)]
        return rows.filter(RawSQL(inside, ends, output_field=BooleanField()))

    def narrow_all(
        self, rows: QuerySet[Any], words: Sequence[str], *, by: str = ""
    ) -> QuerySet[Any]:
        """Keep the rows in which every word occurs.

        The index is asked for all of them in one question: two words may each be common, and hardly
        ever stand together.
        """
        clean = [one for word in words if (one := word.replace(SEPARATOR, "").replace("\x00", ""))]
        if len(clean) < 2 or connections[rows.db].vendor != "sqlite":
            for word in clean:
                rows = self.narrow(rows, word, by=by)
            return rows
        matches = []
        for word in clean:
            match = self._match(rows.db, word, alone=False)
            if match is None:
                return rows.none()
            if match == "" or self._is_common(rows.db, word):
                rows = self._scan(rows, word)
            else:
                matches.append(match)
        return self._among(rows, matches, clean) if matches else rows

    def _narrow_postgresql(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        found = f"{self.document(of_table=True)} ILIKE %s"
        return rows.filter(RawSQL(found, [like(word)], output_field=BooleanField()))

    def _narrow_sqlite(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        if self._is_common(rows.db, word):
            return self._scan(rows, word)
        match = self._match(rows.db, word)
        if match is None:
            return rows.none()
        if match == "":
            return self._scan(rows, word)
        return self._among(rows, [match], [word])

    def _among(
        self, rows: QuerySet[Any], matches: Sequence[str], words: Sequence[str]
    ) -> QuerySet[Any]:
        """Keep the rows that answer every question to the index; look at each if they are many."""
        match = " AND ".join(f"({one})" for one in matches)
        count = self._count(rows.db, match)
        if count > MANY:
            for word in words:
                rows = self._scan(rows, word)
            return rows
        hits = f'SELECT rowid FROM "{self.words}" WHERE "{self.words}" MATCH %s'
        inside = f'"{self.table}"."id" IN ({hits})'
        return rows.filter(RawSQL(inside, [match], output_field=BooleanField()))

    def _scan(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        """Keep rows by looking at each: for a word that is nearly everywhere."""
        patterns = [like(word)] * len(self.columns)
        found = RawSQL(self._anywhere(self.table), patterns, output_field=BooleanField())
        return rows.filter(found)

    def _anywhere(self, row: str) -> str:
        parts = (f'"{row}"."{one}" LIKE %s ESCAPE \'\\\'' for one in self.columns)
        return f"({' OR '.join(parts)})"

    def _is_common(self, using: str, word: str) -> bool:
        """Tell whether many rows of a sample hold a word; a wrong guess costs time only."""
        columns = ", ".join(f'"{one}"' for one in self.columns)
        # Each end by itself: asked for both at once, SQLite reads the whole table.
        ends = (f'(SELECT {one}(id) FROM "{self.table}")' for one in ("min", "max"))
        middle = f"WHERE id >= ({' + '.join(ends)}) / 2 ORDER BY id"
        parts = " UNION ALL ".join(
            f'SELECT * FROM (SELECT {columns} FROM "{self.table}" {order} LIMIT {SAMPLE})'
            for order in ("ORDER BY id", middle, "ORDER BY id DESC")
        )
        with connections[using].cursor() as cursor:
            cursor.execute(
                f'SELECT count(*) FROM ({parts}) AS "sample" WHERE {self._anywhere("sample")}',
                [like(word)] * len(self.columns),
            )
            return int(cursor.fetchone()[0]) > 3 * SAMPLE * COMMON_FRAC

    def _match(self, using: str, word: str, *, alone: bool = True) -> str | None:
        """Return the question to the index: None for no hit at all, empty for a word too common.

        Beside other words a common one still leaves few rows, which only the index finds.
        """
        if len(word) >= 3:
            return quoted(word)
        small = word.lower()
        with connections[using].cursor() as cursor:
            cursor.execute(
                f'SELECT term, doc FROM "{self.words}_terms" '
                "WHERE term >= %s AND term < %s LIMIT %s",
                [small, small + HIGHEST, TERMS_MAX + 1],
            )
            rows_of = dict(cursor.fetchall())
        if not rows_of:
            return None
        # A row with several of the terms is counted for each.
        too_common = len(rows_of) > TERMS_MAX or (alone and sum(rows_of.values()) > 2 * MANY)
        return "" if too_common else " OR ".join(quoted(one) for one in rows_of)

    def _count(self, using: str, match: str) -> int:
        with connections[using].cursor() as cursor:
            hits = f'SELECT 1 FROM "{self.words}" WHERE "{self.words}" MATCH %s LIMIT %s'
            cursor.execute(f"SELECT count(*) FROM ({hits})", [match, MANY + 1])
            return int(cursor.fetchone()[0])


def quoted(word: str) -> str:
    """Return a word as one phrase of the index's language."""
    return '"' + word.replace('"', '""') + '"'


def like(word: str) -> str:
    """Return a word as a pattern that occurs anywhere; its own wild cards are plain letters."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
