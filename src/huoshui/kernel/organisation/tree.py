"""The tree of units on a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import get_language

from huoshui.kernel import clock


@dataclass(frozen=True)
class Node:
    """One unit as it is on the day of its tree."""

    pk: int
    code: str
    name_zh: str
    name_en: str
    kind: str
    parent: int | None
    from_date: date
    until_date: date | None

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en


@dataclass
class Tree:
    """All units of one day."""

    nodes: dict[int, Node]
    parts: dict[int | None, list[Node]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in sorted(self.nodes.values(), key=lambda one: one.code):
            # A unit whose parent is closed that day stands at the top rather than nowhere.
            above = node.parent if node.parent in self.nodes else None
            self.parts.setdefault(above, []).append(node)

    def below(self, pk: int) -> frozenset[int]:
        """Return a unit and everything under it."""
        found, waiting = {pk}, [pk]
        while waiting:
            for node in self.parts.get(waiting.pop(), ()):
                if node.pk not in found:
                    found.add(node.pk)
                    waiting.append(node.pk)
        return frozenset(found)

    def path(self, pk: int) -> list[Node]:
        """Return the way from the top down to a unit, which stands last."""
        way: list[Node] = []
        node = self.nodes.get(pk)
        while node is not None and node not in way:
            way.insert(0, node)
            node = self.nodes.get(node.parent) if node.parent is not None else None
        return way

    def walk(self) -> Iterator[tuple[int, Node]]:
        """Yield every unit with its depth, each before its parts."""
        waiting = [(0, node) for node in reversed(self.parts.get(None, []))]
        while waiting:
            depth, node = waiting.pop()
            yield depth, node
            waiting += [(depth + 1, part) for part in reversed(self.parts.get(node.pk, []))]

    def name_of(self, pk: int | None) -> str:
        """Return what a unit is called on this day; empty for none."""
        node = self.nodes.get(pk) if pk is not None else None
        return node.name if node else ""

    def choices(self) -> list[tuple[int, str]]:
        """Return every unit for a form, drawn in by its depth."""
        return [(node.pk, f"{'　' * depth}{node.name}") for depth, node in self.walk()]


def today() -> date:
    """Return the day of the city's calendar that the product's clock shows."""
    return clock.local(clock.now()).date()


def on(day: date | None = None) -> Tree:
    """Return the tree of a day, by default today; one query."""
    from huoshui.kernel.organisation.models import UnitPeriod

    rows = UnitPeriod.objects.valid_on(day or today()).values_list(
        "unit_id",
        "unit__code",
        "name_zh",
        "name_en",
        "kind",
        "parent_id",
        "from_date",
        "until_date",
    )
    return Tree({row[0]: Node(*row) for row in rows})
