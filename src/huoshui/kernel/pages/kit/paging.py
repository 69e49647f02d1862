"""Which rows of how many: counting that stays cheap, and the way to the other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

PAGES_AROUND = 2
# Counting two hundred thousand rows costs more than showing fifty of them, most of all where each
# must be read for a word. The exact number follows in a second, small request; beyond what was
# counted one goes on from page to page.
COUNT_MAX = 10_000
COUNT_MAX_OF_WORDS = 500
PAGE_MAX = 100_000


@dataclass(frozen=True)
class Paging:
    """Which rows of how many are shown, and the way to the others.

    With ``is_more`` there are more rows than were counted.
    """

    total: int
    first: int
    latest: int
    number: int
    pages: int
    previous_url: str
    next_url: str
    links: tuple[tuple[int, str], ...]
    is_more: bool = False


def counted(rows: Any, *, most: int) -> tuple[int, bool]:
    """Return how many rows there are, and whether there are more than that."""
    if not isinstance(rows, QuerySet):
        return len(rows), False
    found = bare(rows)[: most + 1].count()
    return min(found, most), found > most


def bare(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the same rows with their keys only, since more is not needed to count them.

    Rows that are groups, or that differ by what is selected, stay as they are.
    """
    if rows.query.group_by is not None or rows.query.distinct or rows.query.combinator:
        return rows.order_by()
    return rows.order_by().values("pk")


def paging(
    total: int, asked: str, size: int, address: Callable[[int], str], *, is_more: bool = False
) -> Paging:
    """Return the paging of a list; what is no page of it counts as the first or the last one.

    With ``is_more`` pages beyond the counted ones may be asked for; `settled` then says what came.
    """
    pages = max(1, -(-total // size))
    wanted = max(int(asked), 1) if asked.isdecimal() and len(asked) < 9 else 1
    number = min(wanted, PAGE_MAX if is_more else pages)
    shown = [n for n in range(1, pages + 1) if n in (1, pages) or abs(n - number) <= PAGES_AROUND]
    return Paging(
        total=total,
        first=(number - 1) * size + 1 if total else 0,
        latest=number * size if is_more else min(number * size, total),
        number=number,
        pages=pages,
        previous_url=address(number - 1) if number > 1 else "",
        next_url=address(number + 1) if number < pages or is_more else "",
        links=tuple((n, address(n)) for n in sorted({*shown, number})),
        is_more=is_more,
    )


def settled(found: Paging, came: int, size: int) -> Paging:
    """Return the paging after so many rows came for its page."""
    if not found.is_more:
        return found
    ends = came < size
    return replace(
        found,
        latest=found.first + came - 1,
        total=found.first + came - 1 if ends else max(found.total, found.latest),
        next_url="" if ends else found.next_url,
        is_more=not ends,
    )
