"""Writes about sources: set up, change, pause, remove; and adopting codes nobody declared."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import actions, contracts, models, queries, rules, sources
from huoshui.areas.telemetry.unadopted import Unadopted
from huoshui.kernel import audit, clock, errors
from huoshui.lab.units import written


class NoSuchSource(errors.Refused):
    """A source was named that nobody has set up, or of another connector."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.no_such_source",
            _("There is no data source %(code)s.") % {"code": code[:80]},
            data={"source": code[:200]},
            next_step=_("Set it up on the page “Data sources”, or correct the code."),
        )


class SourcePaused(errors.Refused):
    """Readings came for a source that somebody has paused."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.source_paused",
            _("The data source %(code)s is paused.") % {"code": code},
            data={"source": code},
            next_step=_("Resume it on the page “Data sources”, then send again."),
        )


class UnitNotOfKind(errors.Refused):
    """A code was to be adopted in a unit that its kind cannot have."""

    status = 422

    def __init__(self, code: str, unit: str) -> None:
        super().__init__(
            "telemetry.unit_not_of_kind",
            _("%(code)s: the unit %(unit)s does not measure this kind.")
            % {"code": code, "unit": unit},
            data={"code": code, "unit": unit},
            next_step=_("Choose a unit of the kind, or another kind."),
        )


def save_source(
    *,
    code: str,
    connector: str,
    title: str,
    options: Mapping[str, object],
    secrets: Mapping[str, str],
    by_id: int,
) -> models.Source:
    """Set up a source or change it; the ingest process takes it over within a second or two.

    ``secrets`` names those to replace; an empty one is removed. Their values appear nowhere else:
    the audit record names them only. Where the source now leads elsewhere, kept ones that were not
    given again are removed: what one server was trusted with is not sent to another.
    """
    with transaction.atomic():
        now = _later(code)
        row = models.Source.objects.select_for_update().filter(code=code).first()
        new = row is None
        row = row or models.Source(code=code, connector=connector, created_at=now)
        manifest = sources.connectors().get(connector)
        elsewhere = manifest is not None and manifest.leads_elsewhere(row.options, options)
        dropped = sorted(set(sources.secrets_of(code)) - set(secrets)) if elsewhere else []
        before = {"title": row.title, **row.options}
        row.title, row.options, row.changed_at = title, dict(options), now
        row.save()
        after = {"title": title, **options}
        audit.record(
            by_id,
            "telemetry.source_added" if new else "telemetry.source_changed",
            f"source:{code}",
            {
                "connector": connector,
                "changed": {k: v for k, v in after.items() if new or before.get(k) != v},
                "secrets": sorted(secrets),
                "secrets_dropped": dropped,
            },
        )
        for name, value in {**dict.fromkeys(dropped, ""), **secrets}.items():
            if value:
                sources.write_secret(code, name, value)
            else:
                (sources.secret_folder(code) / name).unlink(missing_ok=True)
    return row


def _later(code: str) -> datetime:
    """Return now, later than the source's latest change even if the city's clock went back."""
    before = models.Source.objects.filter(code=code).values_list("changed_at", flat=True).first()
    now = clock.now()
    return now if before is None else max(now, before + timedelta(microseconds=1))


def pause_source(code: str, *, is_enabled: bool, by_id: int) -> None:
    """Stop taking readings from a source, or begin again. Audited."""
    with transaction.atomic():
        row = models.Source.objects.select_for_update().filter(code=code).first()
        if row is None:
            raise NoSuchSource(code)
        if row.is_enabled != is_enabled:
            row.is_enabled, row.changed_at = is_enabled, _later(code)
            row.save(update_fields=["is_enabled", "changed_at"])
            deed = "telemetry.source_resumed" if is_enabled else "telemetry.source_paused"
            audit.record(by_id, deed, f"source:{code}", {})


def remove_source(code: str, *, by_id: int) -> None:
    """Remove a source and its secrets; points and readings stay. Audited."""
    with transaction.atomic():
        row = models.Source.objects.select_for_update().filter(code=code).first()
        if row is None:
            raise NoSuchSource(code)
        options, connector = row.options, row.connector
        row.delete()
        audit.record(
            by_id,
            "telemetry.source_removed",
            f"source:{code}",
            {"connector": connector, "options": options},
        )
        shutil.rmtree(sources.secret_folder(code), ignore_errors=True)


# Adopting ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Adoption:
    """What a person says about one unknown code: the point it is, in which unit it is sent."""

    source: str
    sent_code: str
    code: str
    name: str
    kind: str
    unit: str
    asset_code: str | None = None


def adopt(adoptions: Iterable[Adoption], by_id: int) -> int:
    """Make points of unknown codes, or name points that exist; return how many codes were taken.

    Their kept readings go into the store within seconds. Refuses with
    ``telemetry.unit_not_of_kind`` or ``telemetry.points_not_declarable`` and adopts none then.
    """
    wanted = list(adoptions)
    with transaction.atomic():
        factors = {id(one): factor_of(one) for one in wanted}
        known = set(
            models.Point.objects.filter(code__in=[one.code for one in wanted]).values_list(
                "code", flat=True
            )
        )
        fresh = {one.code: one for one in wanted if one.code not in known}
        actions.declare_points([_declaration(one) for one in fresh.values()], by_id)
        points = {
            row.code: row
            for row in models.Point.objects.filter(code__in=[one.code for one in wanted])
        }
        now = _later_than_names()
        for one in wanted:
            point = points[one.code]
            if point.kind != one.kind:
                raise UnitNotOfKind(one.code, one.unit)
            models.SentCode.objects.update_or_create(
                source=one.source,
                code=one.sent_code,
                defaults={"point": point, "factor": factors[id(one)], "adopted_at": now},
            )
            models.UnknownPoint.objects.filter(source=one.source, code=one.sent_code).delete()
        if wanted:
            audit.record(
                by_id,
                "telemetry.codes_adopted",
                "telemetry:points",
                {"codes": [[one.source, one.sent_code, one.code, one.unit] for one in wanted]},
            )
    return len(wanted)


def _later_than_names() -> datetime:
    latest = models.SentCode.objects.order_by("-adopted_at").values_list("adopted_at", flat=True)
    now = clock.now()
    before = latest.first()
    return now if before is None else max(now, before + timedelta(microseconds=1))


def factor_of(one: Adoption) -> float:
    """Return by what a sent value is multiplied to be in the unit of its kind."""
    kind = contracts.KINDS.get(one.kind)
    sent = written.find(one.unit)
    if kind is None:
        raise UnitNotOfKind(one.code, one.unit)
    if one.unit == kind.unit:
        return 1.0
    own = written.find(kind.unit)
    if sent is None or own is None or sent.quantity != own.quantity:
        raise UnitNotOfKind(one.code, one.unit)
    return written.factor(sent, own)


def units_of(kind: str) -> list[str]:
    """Return the units a kind can be sent in, its own first."""
    own = contracts.KINDS[kind].unit
    quantity = written.find(own)
    others = {
        unit.symbol
        for unit in written.UNITS.values()
        if quantity and unit.quantity == quantity.quantity
    }
    return [own, *sorted(others - {own})]


def _declaration(one: Adoption) -> contracts.PointDeclaration:
    return contracts.PointDeclaration(
        code=one.code,
        name_en=one.name,
        name_zh=one.name,
        kind=one.kind,
        asset_code=one.asset_code or None,
    )


def ignore_unknown(pairs: Iterable[tuple[str, str]], by_id: int) -> int:
    """Forget unknown codes and what was kept of them; they come back if they are sent again."""
    wanted = list(pairs)
    with transaction.atomic():
        for source, code in wanted:
            models.UnknownPoint.objects.filter(source=source, code=code).delete()
        audit.record(
            by_id,
            "telemetry.codes_forgotten",
            "telemetry:points",
            {"codes": [list(p) for p in wanted]},
        )
    kept = Unadopted(queries.folder())
    try:
        for source, code in wanted:
            kept.forget(source, code)
    finally:
        kept.close()
    return len(wanted)


def suggestion(source: str, sent_code: str, sample: float | None) -> dict[str, Any]:
    """Return what a code probably is, from its words: point code, kind, unit."""
    small = sent_code.lower()
    stem, unit = written.split_heading(sent_code)
    words = {
        "pressure": ("press", "pt", "压力", "bar", "kpa", "mpa"),
        "flow": ("flow", "ft", "flux", "流量", "m3h", "lps"),
        "level": ("level", "lt", "tank", "液位", "水位"),
        "use": ("meter", "use", "consum", "用水", "水表"),
        "running_hours": ("running", "运行"),
        "temperature": ("temp", "温"),
        "vibration": ("vibr", "振动"),
        "power": ("power", "功率"),
        "current": ("current", "电流"),
    }
    kind = next((k for k, marks in words.items() if any(m in small for m in marks)), None)
    if kind is None and unit is not None:
        usual = {"flow": "flow", "height": "pressure", **rules.OF_QUANTITY}
        kind = usual.get(unit.quantity)
    kind = kind or "pressure"
    own = written.find(contracts.KINDS[kind].unit)
    fits = unit is not None and own is not None and unit.quantity == own.quantity
    code = "".join(c if c.isascii() and (c.isalnum() or c in "_.:/-") else "_" for c in sent_code)
    return {
        "code": code.strip("_./:-")[:64] or "point",
        "name": stem[:200] or sent_code[:200],
        "kind": kind,
        "unit": unit.symbol if unit is not None and fits else contracts.KINDS[kind].unit,
        "sample": sample,
        "source": source,
    }
