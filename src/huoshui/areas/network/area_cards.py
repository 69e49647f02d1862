"""The cards of areas: the lines that every part of the product fills, and the network's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network.contracts import Kind
from huoshui.areas.network.contracts.cards import (
    Areas,
    CardColumn,
    CardFigure,
    CardLines,
    CardState,
    Figures,
)
from huoshui.areas.network.models import Asset, Connection, Finding
from huoshui.kernel.accounts import permissions

_registered: dict[str, CardLines] = {}


def register(lines: CardLines) -> None:
    """Add lines to the cards, or replace the ones of the same id."""
    keys = [one.key for one in lines.columns]
    if len(set(keys)) != len(keys):
        msg = f"card lines {lines.id!r}: a key is used twice"
        raise ValueError(msg)
    _registered[lines.id] = lines


def for_reader(user: Any) -> list[CardLines]:
    """Return the lines that somebody may see, in their order."""
    every = sorted(_registered.values(), key=lambda one: (one.order, one.id))
    return [one for one in every if permissions.holds(user, one.permission)]


def gather(wanted: Iterable[CardLines], areas: Areas) -> dict[str, dict[str, CardFigure]]:
    """Return every known figure of each area, by ``id_key`` of line and column."""
    found: dict[str, dict[str, CardFigure]] = {code: {} for code in areas}
    for lines in wanted:
        for code, figures in lines.read(areas).items():
            found[code] |= {f"{lines.id}_{key}": one for key, one in figures.items()}
    return found


def _own(areas: Areas) -> dict[str, Figures]:
    """Count what lies in each area, and what is not known of it; three queries."""
    zones = frozenset[str]().union(*areas.values())
    pipes = Q(kind=Kind.PIPE)
    assets = Asset.objects.present().filter(zone__code__in=zones).order_by()
    counted = {
        row["zone__code"]: row
        for row in assets.values("zone__code").annotate(
            assets=Count("id"),
            length_m=Sum("length_m", filter=pipes),
            pipes=Count("id", filter=pipes),
            nameless=Count("id", filter=pipes & _lacking()),
        )
    }
    joined = Connection.objects.filter(zone__code__in=zones).order_by().values_list("zone__code")
    connections = dict(joined.annotate(count=Count("id")))
    checks = Finding.objects.filter(zone__code__in=zones, accepted_at__isnull=True).order_by()
    findings = dict(checks.values_list("zone__code").annotate(count=Count("id")))
    return {
        code: _figures(parts, [counted[one] for one in parts if one in counted],
                       sum(connections.get(one, 0) for one in parts),
                       sum(findings.get(one, 0) for one in parts))
        for code, parts in areas.items()
    }  # fmt: skip


def _lacking() -> Q:
    return Q(material="") | Q(laid_year__isnull=True) | Q(diameter_mm__isnull=True)


def _figures(
    zones: Collection[str], rows: Sequence[Mapping[str, Any]], connections: int, findings: int
) -> Figures:
    pipes = sum(row["pipes"] for row in rows)
    lacking = sum(row["nameless"] for row in rows)
    length_m = sum(row["length_m"] or 0.0 for row in rows)
    return {
        "length": CardFigure(
            value=length_m / 1000, href=linked("network:assets", zones, kind=Kind.PIPE)
        ),
        "connections": CardFigure(value=connections, href=linked("network:connections", zones)),
        "assets": CardFigure(
            value=sum(row["assets"] for row in rows), href=linked("network:assets", zones)
        ),
        "lacking": CardFigure(
            value=100 * lacking / pipes if pipes else None,
            href=linked("network:assets", zones, kind=Kind.PIPE),
            state=CardState.WATCH if lacking else CardState.GOOD,
        ),
        "findings": CardFigure(
            value=findings, href=linked("network:findings", zones),
            state=CardState.WATCH if findings else CardState.GOOD,
        ),
    }  # fmt: skip


def linked(name: str, zones: Collection[str], **query: str) -> str:
    """Return the address of a list, narrowed to the zone where the area is a single one.

    The lists narrow to one zone: of an area with parts they would show less than is counted.
    """
    if len(zones) == 1:
        query = {"zone": next(iter(zones)), **query}
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)


OWN = CardLines(
    id="network",
    label=pgettext_lazy("area card", "Network"),
    columns=(
        CardColumn(key="length", label=_("Length of pipes"), unit="km", format=".2f",
                   is_listed=False),
        CardColumn(key="connections", label=_("Service connections"), is_listed=False),
        CardColumn(key="assets", label=_("Assets"), is_listed=False),
        CardColumn(
            key="lacking", label=_("Pipes without material, year or diameter"), unit="%",
            format=".0f", is_listed=False,
        ),
        CardColumn(key="findings", label=_("Open findings of the checks"), is_listed=False),
    ),
    read=_own,
    permission="network.read",
    order=90,
)  # fmt: skip
