"""The single controls of the forms of cases, and what is read out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.accounts.models import User
from huoshui.kernel.cases.declaring import Field
from huoshui.kernel.organisation import tree
from huoshui.kernel.pages import kit

PREFIX = "f_"
TEXT_MAX = 500
LONG_TEXT_MAX = 5000


class Person(forms.ModelChoiceField):
    """One active person, by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return the name people know."""
        return str(obj)


def person_field(label: Any, *, required: bool, help_text: Any = "") -> Person:
    """Return a choice among the active people."""
    people = User.objects.filter(is_active=True).order_by("name", "username")
    return Person(
        label=label,
        queryset=people,
        required=required,
        empty_label=_("Choose a person"),
        help_text=help_text,
    )


def unit_field(label: Any, *, required: bool) -> forms.ChoiceField:
    """Return a choice among the units of today, by code."""
    units = [(node.code, node.name) for node in tree.on().nodes.values()]
    return forms.ChoiceField(label=label, choices=[("", _("Not said")), *units], required=required)


def form_field(field: Field, *, required: bool) -> forms.Field:
    """Return the control for a declared field."""
    label = f"{field.label} ({field.unit})" if field.unit else field.label
    given: dict[str, Any] = {"label": label, "help_text": field.help, "required": required}
    if field.kind == "long_text":
        area = forms.Textarea(attrs={"rows": 4})
        return forms.CharField(max_length=LONG_TEXT_MAX, widget=area, **given)
    if field.kind == "number":
        number = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"})
        return forms.FloatField(widget=number, **given)
    if field.kind == "choice":
        return forms.ChoiceField(choices=[("", _("Choose")), *field.choices], **given)
    if field.kind == "yes_no":
        choices = [("", _("Not said")), ("yes", _("Yes")), ("no", _("No"))]
        return forms.TypedChoiceField(
            choices=choices, coerce=lambda said: said == "yes", empty_value=None, **given
        )
    if field.kind == "date":
        return forms.DateField(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **given
        )
    if field.kind == "moment":
        return kit.MomentField(**given)
    if field.kind == "phone":
        box = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
        return forms.CharField(max_length=32, widget=box, **given)
    if field.kind == "person":
        return person_field(label, required=required, help_text=field.help)
    if field.kind == "photo":
        return kit.PhotosField(**given)
    return forms.CharField(max_length=TEXT_MAX, **given)


def values_of(form: forms.BaseForm, fields: Sequence[Field]) -> dict[str, Any]:
    """Return what was filled in for declared fields, by their codes; photos stand apart."""
    found = {}
    for one in fields:
        if one.kind == "photo" or PREFIX + one.code not in form.cleaned_data:
            continue
        value = form.cleaned_data[PREFIX + one.code]
        found[one.code] = value.pk if isinstance(value, User) else value
    return found


def photos_of(form: forms.BaseForm, fields: Sequence[Field]) -> dict[str, list[Any]]:
    """Return the photos that were chosen, by the field they fill; "" for those of the step."""
    found = {"": list(form.cleaned_data.get("photos") or ())}
    for one in fields:
        if one.kind == "photo":
            found[one.code] = list(form.cleaned_data.get(PREFIX + one.code) or ())
    return {code: given for code, given in found.items() if given}


def initial_values(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form starts with, from stored values."""
    found: dict[str, Any] = {}
    for one in fields:
        value = values.get(one.code)
        if one.kind == "photo" or value is None:
            continue
        if one.kind == "yes_no":
            value = "yes" if value else "no"
        found[PREFIX + one.code] = value
    return found


def where_field() -> forms.CharField:
    """Return the control for the words that say where something is."""
    return forms.CharField(label=_("Where"), max_length=200, required=False)


def spot_fields() -> dict[str, forms.Field]:
    """Return the hidden controls for the place in degrees, which a map fills."""
    return {
        name: forms.FloatField(
            required=False, widget=forms.HiddenInput, min_value=-most, max_value=most
        )
        for name, most in (("lon", 180), ("lat", 90))
    }
