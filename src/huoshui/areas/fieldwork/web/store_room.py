"""Forms of whoever keeps the stores: parts, stores and what should lie in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.actions import stock as actions
from huoshui.areas.fieldwork.web import who
from huoshui.areas.fieldwork.web.crews import NamedOne
from huoshui.areas.fieldwork.web.stock import PART, QUANTITY_MAX
from huoshui.kernel.pages import kit

MANAGE = "fieldwork.manage_stock"


class OfStores(kit.FormPage):
    """A form that leads back to the stock."""

    permission = MANAGE
    said: Any = ""

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the stock."""
        return ((_("Stock"), reverse("fieldwork:stock")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the stock."""
        return reverse("fieldwork:stock")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it, say so, go back."""
        self.keep(dict(form.cleaned_data), who.id_of(request))
        messages.success(request, str(self.said))
        return reverse("fieldwork:stock")

    def keep(self, values: dict[str, Any], by_id: int) -> None:
        """Keep what was typed."""
        raise NotImplementedError


class PartForm(forms.Form):
    """One part."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=80)
    unit = forms.CharField(label=_("What is counted"), max_length=40)


class NewPart(OfStores):
    """Add a part; under a code that is there it is named anew."""

    title = _("New part")
    form_class = PartForm
    said = _("The part is kept.")

    def keep(self, values: dict[str, Any], by_id: int) -> None:
        """Keep the part."""
        actions.keep_part(**values, by_id=by_id)


class StoreForm(forms.Form):
    """One store or vehicle."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name or number plate"), max_length=80)
    is_vehicle = forms.BooleanField(label=_("It is a vehicle"), required=False)
    lon = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)

    def clean(self) -> dict[str, Any]:
        """Want both or none of the coordinates."""
        values = super().clean() or {}
        if (values.get("lon") is None) != (values.get("lat") is None):
            self.add_error("lat", gettext("Give both, or neither."))
        return values


class NewStore(OfStores):
    """Add a store or vehicle; under a code that is there it is changed."""

    title = _("New store")
    form_class = StoreForm
    said = _("The store is kept.")

    def keep(self, values: dict[str, Any], by_id: int) -> None:
        """Keep the store."""
        actions.keep_store(**values, by_id=by_id)


class MinimumForm(forms.Form):
    """How many should lie there in a season."""

    store = forms.ModelChoiceField(
        label=_("Store or vehicle"), queryset=models.Store.objects.filter(is_retired=False)
    )
    part = NamedOne(label=PART, queryset=models.Part.objects.filter(is_retired=False))
    quantity = forms.IntegerField(
        label=_("Minimum"), min_value=0, max_value=QUANTITY_MAX,
        help_text=_("Zero takes the demand away."),
    )  # fmt: skip
    from_month = forms.IntegerField(label=_("First month"), min_value=1, max_value=12, initial=1)
    until_month = forms.IntegerField(label=_("Last month"), min_value=1, max_value=12, initial=12)


class SetMinimum(OfStores):
    """Say how many of a part should lie in a store."""

    title = _("Minimum of a season")
    form_class = MinimumForm
    said = _("The minimum is kept.")

    def keep(self, values: dict[str, Any], by_id: int) -> None:
        """Keep the minimum."""
        actions.keep_minimum(
            values["store"].code, values["part"].code, values["quantity"],
            from_month=values["from_month"], until_month=values["until_month"], by_id=by_id,
        )  # fmt: skip
