"""Forms of leakage."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DismissForm(forms.Form):
    """Why a suspected leak is none."""

    reason = forms.CharField(
        label=_("Why is it no leak?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


CODES_APART = re.compile(r"[\s,;，；、]+")


class CodesField(forms.CharField):
    """Codes of measuring points, separated by commas, spaces or lines."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: Any) -> list[str]:
        """Return the codes in order, each once."""
        text = super().clean(value)
        return list(dict.fromkeys(code for code in CODES_APART.split(text) if code))


class SetUpForm(forms.Form):
    """How a zone's balance is measured and priced."""

    inlets = CodesField(
        label=_("Flow in"),
        help_text=_("Flow points through which water enters, such as p227.flow."),
    )
    outlets = CodesField(
        label=_("Flow out"),
        required=False,
        help_text=_("Flow points through which water leaves to another zone."),
    )
    level_point = forms.CharField(
        label=_("Tank level"),
        required=False,
        max_length=100,
        help_text=_("Level point of the zone's tank, such as T1.level."),
    )
    tank_area_m2 = forms.FloatField(label=_("Tank surface (m²)"), required=False, min_value=0.1)
    meters = CodesField(
        label=_("Customer meters"),
        required=False,
        help_text=_("Use points of customers whose meters are read remotely."),
    )
    price_yuan = forms.DecimalField(
        label=_("Price of water (yuan/m³)"), min_value=0, max_value=1000, decimal_places=2
    )

    def clean(self) -> dict[str, Any]:
        """A tank is a level with a surface; half of it cannot be used."""
        values = super().clean() or {}
        if values.get("level_point") and not values.get("tank_area_m2"):
            self.add_error("tank_area_m2", _("Please give the surface of the tank."))
        return values
