"""Templates that come with the product: one drawing for each kind of asset that has points."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_noop

from huoshui.areas.telemetry.mimics import drawing

FOLDER = Path(__file__).parent / "drawings"

# File, kind of asset, name; the code of a standard template is the name of its file.
TEMPLATES = (
    ("pump", "pump", gettext_noop("Pump")),
    ("tank", "tank", gettext_noop("Tank")),
    ("reservoir", "reservoir", gettext_noop("Water source")),
    ("pipe", "pipe", gettext_noop("Metered pipe")),
    ("valve", "valve", gettext_noop("Valve")),
    ("junction", "junction", gettext_noop("Pressure site")),
)


@dataclass(frozen=True)
class Standard:
    """One template of the product; ``name`` is an English msgid."""

    code: str
    asset_kind: str
    name: str
    svg: str


@functools.cache
def templates() -> dict[str, Standard]:
    """Return the product's templates by code."""
    return {
        code: Standard(code, kind, name, drawing.read((FOLDER / f"{code}.svg").read_bytes()).svg)
        for code, kind, name in TEMPLATES
    }
