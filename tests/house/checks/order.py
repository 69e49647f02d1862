"""H1 and H2: what the database would let one area do to another behind its door."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.house.checks import tree


@dataclass(frozen=True)
class Link:
    """One foreign key: who holds it, to whom it points, and what it writes on the other side."""

    owner: str
    model: str
    field: str
    target: str
    related_name: str | None


def areas_from_lowest() -> list[str]:
    """Return the areas in the order of rule R5 of `.importlinter`, the lowest first."""
    config = configparser.ConfigParser()
    config.read(tree.ROOT / ".importlinter", encoding="utf-8")
    rows = config["importlinter:contract:tiers"]["layers"].split()
    return [name.strip("()") for row in rows for name in row.split("|") if name.strip("()|")][::-1]


def links_of_models() -> Iterator[Link]:
    """Yield every foreign key that Django knows of."""
    from django.apps import apps

    for model in apps.get_models():
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            target = getattr(field, "related_model", None)
            if target is None or isinstance(target, str):
                continue
            yield Link(
                owner=model._meta.app_label,
                model=model.__name__,
                field=field.name,
                target=target._meta.app_label,
                related_name=field.remote_field.related_name,
            )


def wrong_links(links: Iterable[Link], lowest_first: Sequence[str], kernel: set[str]) -> list[str]:
    """Return complaints about links that point up, or that put a name on the other area's model."""
    complaints = []
    for link in links:
        who = f"{link.owner}.{link.model}.{link.field}"
        if link.owner == link.target:
            continue
        if link.owner in kernel and link.target in lowest_first:
            complaints.append(f"{who} points from the kernel up to {link.target}")
        if link.owner not in lowest_first or link.target not in lowest_first:
            continue
        if lowest_first.index(link.target) > lowest_first.index(link.owner):
            complaints.append(f"{who} points up to {link.target}; publish an event instead")
        if link.related_name != "+":
            complaints.append(f'{who} needs related_name="+"; {link.target} must not know of it')
    return complaints


TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+[\"`]?([a-z]+)_[a-z_]+", re.IGNORECASE)
SQL = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP)\b")


def back_doors(path: Path, text: str, areas: Iterable[str]) -> list[str]:
    """Return complaints about models fetched by name, and SQL on the tables of another area."""
    own, others = tree.area_of(path), set(areas)
    complaints = []
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get_model"
            and "migrations" not in path.parts
        ):
            complaints.append(f"{tree.place(path, node.lineno)} uses get_model; ask the facade")
        written = node.value if isinstance(node, ast.Constant) else None
        if isinstance(written, str) and SQL.search(written):
            complaints += [
                f"{tree.place(path, node.lineno)} reads a table of {table} in SQL; ask its facade"
                for table in TABLE.findall(written)
                if table in others and table != own
            ]
    return complaints
