"""Saying what is known of assets: the form of one, and the same deed for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network import actions, attributes, queries
from huoshui.areas.network.attributes import Attribute, Type
from huoshui.areas.network.models import Asset
from huoshui.areas.network.web.shown import asset_url
from huoshui.kernel.pages import formats, kit

LEFT_AS_IT_IS = ""
NOT_KNOWN = "-"


def field_of(one: Attribute) -> forms.Field:
    """Return the form field of an attribute."""
    label = f"{one.label} [{one.unit}]" if one.unit else one.label
    common: dict[str, Any] = {"label": label, "required": False, "help_text": one.help}
    if one.type is Type.NUMBER:
        return forms.FloatField(**common, min_value=one.low, max_value=one.high)
    if one.type is Type.INTEGER:
        low, high = one.low, one.high
        return forms.IntegerField(
            **common,
            min_value=None if low is None else int(low),
            max_value=None if high is None else int(high),
        )
    if one.type is Type.DATE:
        return forms.DateField(**common, widget=forms.DateInput(attrs={"type": "date"}))
    if one.type is Type.FLAG:
        return forms.NullBooleanField(
            **common,
            widget=forms.Select(
                choices=(("", _("Not known")), ("true", _("Yes")), ("false", _("No")))
            ),
        )
    if one.type is Type.CHOICE:
        return forms.ChoiceField(
            **common, choices=lambda: [("", _("Not known")), *(one.choices or {}).items()]
        )
    return forms.CharField(**common, max_length=attributes.TEXT_LENGTH_MAX)


def known(one: Attribute, value: Any) -> Any:
    """Return what a form's answer means: None for not known."""
    return None if value in ("", None) else value


class EditAsset(kit.FormPage):
    """Change what is known of an asset; what is replaced stays in its history."""

    permission = "network.edit"
    form_class = forms.Form

    def _row(self) -> Asset:
        row = queries.asset_by_code(self.kwargs["code"])
        if row is None or row.retired_at is not None:
            raise Http404
        return row

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = self._row()
        return {one.code: attributes.value(row, one) for one in attributes.of_kind(row.kind)}

    def get_form(self, request: HttpRequest, **arguments: Any) -> forms.Form:
        form = forms.Form(**arguments)
        for one in attributes.of_kind(self._row().kind):
            form.fields[one.code] = field_of(one)
        form.fields["valid_from"] = kit.MomentField(
            label=_("Holds since"),
            required=False,
            help_text=_("When it changed in the street. Empty means now."),
        )
        form.fields["why"] = forms.CharField(
            label=_("Why"), required=False, max_length=300,
            help_text=_("Where you know it from, such as the number of a drawing."),
        )  # fmt: skip
        return form

    def heading(self, request: HttpRequest) -> Any:
        return self.kwargs["code"]

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        code = self.kwargs["code"]
        return (
            (_("Assets"), reverse("network:assets")),
            (code, self.get_cancel_url(request)),
            (_("Edit"), ""),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        return asset_url(self.kwargs["code"])

    def submit(self, request: HttpRequest, form: forms.Form) -> str:
        row = self._row()
        given = form.cleaned_data
        wanted = {
            one.code: value
            for one in attributes.of_kind(row.kind)
            if one.code in form.changed_data
            for value in [known(one, given[one.code])]
        }
        actions.change_attributes(
            {row.code: wanted},
            by_id=request.user.pk,
            why=given["why"],
            valid_from=given["valid_from"],
        )
        return self.get_cancel_url(request)


class BulkForm(forms.Form):
    """Which assets, which attribute, and what it shall be."""

    codes = forms.CharField(
        label=_("Codes"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One on each line, or with commas between, such as copied from Excel."),
    )
    attribute = forms.ChoiceField(
        label=_("Attribute"),
        choices=lambda: [(one.code, one.label) for one in attributes.TABLE],
    )
    value = forms.CharField(
        label=pgettext_lazy("network", "Value"),
        required=False,
        max_length=200,
        help_text=_("In the attribute's unit, or the word of a choice. Empty means not known."),
    )
    why = forms.CharField(label=_("Why"), max_length=300)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        one = attributes.BY_CODE.get(given.get("attribute", ""))
        if one is not None:
            try:
                given["parsed"] = attributes.parse(one, given.get("value") or "")
            except ValueError:
                said = formats.listed(str(label) for label in (one.choices or {}).values())
                self.add_error("value", _("This cannot be understood. %(choices)s") % {
                    "choices": said
                })  # fmt: skip
        return given


class BulkEdit(kit.FormPage):
    """Set one attribute of many assets."""

    title = _("Change many assets")
    permission = "network.edit"
    form_class = BulkForm
    submit_label = _("Change them")
    explanation = _(
        "All of them are changed, or none: unknown codes and impossible values are named. What is "
        "replaced stays in the history."
    )

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        return {"codes": "\n".join(request.session.pop("network.bulk_codes", []))}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Assets"), reverse("network:assets")), (self.title, ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("network:assets")

    def submit(self, request: HttpRequest, form: BulkForm) -> str:
        given = form.cleaned_data
        codes = given["codes"].replace(",", " ").replace("，", " ").split()
        actions.change_attributes(
            {code: {given["attribute"]: given["parsed"]} for code in codes},
            by_id=request.user.pk,
            why=given["why"],
        )
        return self.get_cancel_url(request)
