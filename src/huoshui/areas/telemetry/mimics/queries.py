"""Reads of mimic pages: the drawings there are, and what their parts follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import get_language, gettext

from huoshui.areas.telemetry import contracts, models, queries
from huoshui.areas.telemetry.mimics import drawing, standard


@dataclass(frozen=True)
class Shown:
    """A drawing as pages need it; ``is_standard`` while nobody has changed the product's own."""

    code: str
    name: str
    asset_kind: str
    svg: str
    is_standard: bool
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def is_template(self) -> bool:
        """Whether it is drawn for every asset of a kind."""
        return bool(self.asset_kind)


def mimics() -> list[Shown]:
    """Return pages, then templates; the product's own where nobody has changed them."""
    rows = models.Mimic.objects.select_related("changed_by")
    found = {row.code: _of_row(row) for row in rows}
    for one in standard.templates().values():
        found.setdefault(one.code, _of_standard(one))
    return sorted(found.values(), key=lambda one: (one.is_template, one.name))


def mimic(code: str) -> Shown | None:
    """Return one drawing, or None."""
    row = models.Mimic.objects.select_related("changed_by").filter(code=code).first()
    if row is not None:
        return _of_row(row)
    own = standard.templates().get(code)
    return _of_standard(own) if own else None


def template_for(asset_kind: str) -> Shown | None:
    """Return the template of a kind of asset: a changed or added one before the product's."""
    row = models.Mimic.objects.filter(asset_kind=asset_kind).order_by("code").first()
    if row is not None:
        return _of_row(row)
    found = [one for one in standard.templates().values() if one.asset_kind == asset_kind]
    return _of_standard(found[0]) if found else None


def names(code: str) -> tuple[str, str]:
    """Return the Chinese and the English name of a drawing."""
    row = models.Mimic.objects.filter(code=code).values_list("name_zh", "name_en").first()
    if row is not None:
        return row
    msgid = standard.templates()[code].name
    with translation.override("zh-hans"):
        return gettext(msgid), msgid


def scene(
    svg: str, prefix: str, points: list[contracts.Point]
) -> tuple[str, list[contracts.Point], list[str]]:
    """Return the drawing for a page, the points it follows, and the codes that nobody declared.

    ``points`` are those of the asset, for parts bound to a kind; points named by their code are
    looked up.
    """
    named = {one.point for one in drawing.bindings_of(svg) if one.point}
    known = {point.code: point for point in queries.points(codes=sorted(named))} if named else {}
    by_kind: dict[str, contracts.Point] = {}
    for point in sorted(points, key=lambda one: one.code):
        by_kind.setdefault(point.kind, point)
    followed: dict[str, contracts.Point] = {}

    def point_of(binding: drawing.Binding) -> str | None:
        point = known.get(binding.point) if binding.point else by_kind.get(binding.kind)
        if point is None:
            return None
        followed[point.code] = point
        return point.code

    page = drawing.shown(svg, prefix, point_of)
    return page, list(followed.values()), sorted(named - known.keys())


def _of_row(row: models.Mimic) -> Shown:
    chinese = (get_language() or "").startswith("zh")
    return Shown(
        code=row.code,
        name=row.name_zh if chinese else row.name_en,
        asset_kind=row.asset_kind,
        svg=row.svg,
        is_standard=False,
        changed_at=row.changed_at,
        changed_by=row.changed_by.name if row.changed_by else "",
    )


def _of_standard(one: standard.Standard) -> Shown:
    return Shown(one.code, gettext(one.name), one.asset_kind, one.svg, is_standard=True)
