"""Forms about units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.organisation import tree
from huoshui.kernel.organisation.models import Kind, Unit


def day_field(label: Any, **more: Any) -> forms.DateField:
    """Return a field for a day, chosen with the browser's own calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **more)


class UnitField(forms.TypedChoiceField):
    """One unit of today's tree; empty for none."""

    def __init__(self, *, nothing: Any = "", **more: Any) -> None:
        more.setdefault("required", False)
        super().__init__(
            choices=lambda: [("", nothing), *tree.on().choices()],
            coerce=lambda value: Unit.objects.get(pk=value),
            empty_value=None,
            **more,
        )


class UnitForm(forms.Form):
    """What a unit is called, what it is, and where it belongs, from a day on."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind of unit"), choices=Kind.choices)
    parent = UnitField(label=_("Parent unit"), nothing=_("Nothing: it is the top"))
    from_date = day_field(_("From the day"))


class NewUnitForm(UnitForm):
    """A unit with its code, which never changes."""

    code = forms.RegexField(
        r"^[\w.-]+$",
        label=_("Unit code"),
        max_length=40,
        help_text=_("Letters, digits and . - _ only. It cannot be changed later."),
    )
    field_order = ["code", "name_zh", "name_en", "kind", "parent", "from_date"]


class CloseForm(forms.Form):
    """The day from which a unit exists no longer."""

    until_date = day_field(_("Closed from"))


class PlaceForm(forms.Form):
    """Where a person belongs, from a day on."""

    unit = UnitField(label=_("Unit"), nothing=_("None"))
    from_date = day_field(_("From the day"))
