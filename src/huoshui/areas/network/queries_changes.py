"""Reads of sets of changes, and of what the checks found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from huoshui.areas.network import history
from huoshui.areas.network.changing import Draft
from huoshui.areas.network.contracts import ChangeState, Kind
from huoshui.areas.network.models import Asset, AssetVersion, ChangeSet, Finding

PREFIX_OF_KIND = {
    Kind.JUNCTION: "J", Kind.PIPE: "P", Kind.VALVE: "V", Kind.PUMP: "PU", Kind.TANK: "T",
    Kind.RESERVOIR: "R", Kind.HYDRANT: "H",
}  # fmt: skip

Side = Mapping[str, Any] | None


def changes() -> QuerySet[ChangeSet]:
    """Return all sets of changes with their people, the newest first."""
    return ChangeSet.objects.select_related("made_by", "decided_by").order_by("-id")


def change(change_id: int) -> ChangeSet | None:
    """Return one set of changes, or None."""
    return changes().filter(pk=change_id).first()


def before_and_after(change: ChangeSet, draft: Draft) -> Iterator[tuple[str, Side, Side]]:
    """Yield each asset of a set with what differs: as planned, or as it was done."""
    if change.state == ChangeState.APPROVED:
        yield from _done(change)
        return
    for code in draft.changed:
        before, after = draft.before[code], draft.now[code]
        names = [name for name in after if before.get(name) != after[name]]
        yield (
            code,
            {name: before.get(name) for name in names},
            {name: after[name] for name in names},
        )
    for code in draft.created:
        yield code, None, {name: value for name, value in draft.now[code].items() if value}


def _done(change: ChangeSet) -> Iterator[tuple[str, Side, Side]]:
    rows = AssetVersion.objects.filter(change_set=change).select_related("asset").order_by("id")
    for version in rows:
        yield version.asset.code, version.before, version.after
    for row in Asset.objects.filter(code__in=change.created).order_by("sort_code"):
        yield row.code, None, {k: v for k, v in history.values_of(row).items() if v}


def open_findings(check: str) -> list[int]:
    """Return the numbers of one check's findings that nobody has accepted, the oldest first."""
    rows = Finding.objects.filter(check_code=check, accepted_at=None)
    return list(rows.order_by("id").values_list("id", flat=True))


def free_code(kind: Kind) -> str:
    """Return the next code after the highest known one of a kind: P1041 after P1040."""
    latest = (
        Asset.objects.filter(kind=kind, code__regex=r"\d+$")
        .order_by("-sort_code")
        .values_list("code", flat=True)
        .first()
    )
    found = re.fullmatch(r"(.*?)(\d+)", latest) if latest else None
    prefix, number = (found[1], int(found[2])) if found else (PREFIX_OF_KIND[kind], 0)
    width = len(found[2]) if found else 1
    while True:
        number += 1
        code = f"{prefix}{number:0{width}d}"
        if not Asset.objects.filter(code=code).exists():
            return code
