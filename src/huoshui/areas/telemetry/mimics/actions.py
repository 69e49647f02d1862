"""Writes of mimic pages: saving a drawing, bringing an earlier one back, taking it away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import models
from huoshui.areas.telemetry.mimics import drawing, queries
from huoshui.kernel import audit, clock, errors

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

REASONS = {
    "not_svg": _("The file is not an SVG drawing."),
    "too_large": _("The drawing is too large or too deeply nested."),
    "entities": _("The drawing declares entities, which could make it endless."),
    "broken": _("The file is broken: line %(line)s cannot be read."),
}


class DrawingNotUsable(errors.Refused):
    """A drawing that cannot be shown; nothing was changed."""

    def __init__(self, fault: drawing.NotADrawing) -> None:
        super().__init__(
            "telemetry.drawing_not_usable",
            REASONS[fault.code] % {"line": fault.line},
            status=422,
            data={"reason": fault.code, "line": fault.line},
            next_step=_("Save the drawing as plain SVG and try again."),
        )


class BindingsImpossible(errors.Refused):
    """Parts bound in a way that cannot work; nothing was changed."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        shown = "; ".join(f"{part}: {what}" for part, what in faults[:8])
        super().__init__(
            "telemetry.bindings_impossible",
            _("These parts of the drawing are bound in a way that cannot work: %(parts)s.")
            % {"parts": shown},
            status=422,
            data={"parts": [list(fault) for fault in faults]},
            next_step=_("Correct what is named there; the guide on mimic pages lists what it is."),
        )


class MimicCodeTaken(errors.Refused):
    """Two drawings cannot share an address."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.mimic_code_taken",
            _("There is a drawing with the code %(code)s already, or the code is not usable.")
            % {"code": code},
            data={"code": code},
            next_step=_("Choose another: small letters, digits and hyphens."),
        )


class NoSuchMimic(errors.Refused):
    """Nothing is drawn under this code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.no_such_mimic",
            _("There is no drawing with the code %(code)s.") % {"code": code},
            status=404,
            data={"code": code},
            next_step=_("Choose one from the list of mimic pages, or add it there."),
        )


def save(
    code: str,
    raw: bytes,
    *,
    name_zh: str,
    name_en: str,
    asset_kind: str,
    by_id: int | None,
    is_new: bool = False,
) -> drawing.Drawing:
    """Keep a drawing; return what of it can be shown and what was left out.

    Refuses with `telemetry.drawing_not_usable`, `telemetry.bindings_impossible` or, for a new
    one, `telemetry.mimic_code_taken`.
    """
    try:
        found = drawing.read(raw)
    except drawing.NotADrawing as fault:
        raise DrawingNotUsable(fault) from fault
    if found.faults:
        raise BindingsImpossible(found.faults)
    with transaction.atomic():
        if not CODE.fullmatch(code) or (is_new and queries.mimic(code) is not None):
            raise MimicCodeTaken(code)
        row = models.Mimic.objects.filter(code=code).first() or models.Mimic(code=code)
        row.name_zh, row.name_en, row.asset_kind = name_zh, name_en, asset_kind
        _write(row, found.svg, by_id)
        audit.record(
            by_id, "telemetry.mimic_saved", f"mimic:{code}", {"parts": len(found.bindings)}
        )
    return found


def bind(code: str, bindings: Mapping[str, Mapping[str, str]], *, by_id: int | None) -> int:
    """Bind parts of a drawing to points; return how many parts are bound now.

    Refuses with `telemetry.bindings_impossible` and `telemetry.no_such_mimic`. A standard
    template becomes this installation's.
    """
    own = queries.mimic(code)
    if own is None:
        raise NoSuchMimic(code)
    name_zh, name_en = queries.names(code)
    svg = drawing.bind(own.svg, bindings)
    found = save(
        code,
        svg.encode(),
        name_zh=name_zh,
        name_en=name_en,
        asset_kind=own.asset_kind,
        by_id=by_id,
    )
    return len(found.bindings)


def restore(version_id: int, *, by_id: int | None) -> str:
    """Bring an earlier drawing back as the newest version; return the code."""
    with transaction.atomic():
        version = models.MimicVersion.objects.select_related("mimic").get(pk=version_id)
        _write(version.mimic, version.svg, by_id)
        audit.record(
            by_id,
            "telemetry.mimic_restored",
            f"mimic:{version.mimic.code}",
            {"saved_at": version.saved_at.isoformat()},
        )
    return version.mimic.code


def remove(code: str, *, by_id: int | None) -> None:
    """Take a drawing away; of a standard template, only what this installation changed."""
    with transaction.atomic():
        models.Mimic.objects.filter(code=code).delete()
        audit.record(by_id, "telemetry.mimic_removed", f"mimic:{code}", {})


def _write(row: models.Mimic, svg: str, by_id: int | None) -> None:
    row.svg, row.changed_at, row.changed_by_id = svg, clock.now(), by_id
    row.save()
    models.MimicVersion.objects.create(
        mimic=row, svg=svg, saved_at=row.changed_at, saved_by_id=by_id
    )
