"""A field for the code of a point, with the points that fit offered while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from huoshui.areas.telemetry import facade as telemetry

OFFERED_MAX = 500
# Points that tell how long a machine ran: those that count hours first.
OF_RUNNING = ("running_hours", "power", "current", "flow")
OF_HEAT = ("temperature",)
OF_WEAR = ("temperature", "vibration", "current", "power", "pressure", "flow")


class PointInput(forms.TextInput):
    """A text field that offers the points of some kinds by code and name."""

    def __init__(self, kinds: Sequence[str]) -> None:
        super().__init__()
        self.kinds = tuple(kinds)

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Return the field with its list of points."""
        own = f"{name}-points"
        spoken = get_language() or "zh-hans"
        found = [one for kind in self.kinds for one in telemetry.points(kind=kind)][:OFFERED_MAX]
        field = super().render(name, value, {**(attrs or {}), "list": own}, renderer)
        options = format_html_join(
            "", '<option value="{}">{}</option>', ((one.code, one.name(spoken)) for one in found)
        )
        return format_html('{}<datalist id="{}">{}</datalist>', field, own, options)


def point_field(kinds: Sequence[str], **said: Any) -> forms.CharField:
    """Return such a field."""
    return forms.CharField(max_length=100, widget=PointInput(kinds), **said)


def of_asset(asset_code: str, kind: str) -> str:
    """Return the code of the only point of a kind at an asset; empty where there are more."""
    found = telemetry.points(kind=kind, asset_code=asset_code) if asset_code else []
    return found[0].code if len(found) == 1 else ""
