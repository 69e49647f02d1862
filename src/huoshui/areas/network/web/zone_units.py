"""The form that puts a unit of the organisation in charge of a zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import actions, queries
from huoshui.areas.network.models import Zone
from huoshui.kernel.organisation import tree
from huoshui.kernel.organisation.models import Unit
from huoshui.kernel.pages import kit


class UnitForm(forms.Form):
    """The unit, or none of its own."""

    unit = forms.TypedChoiceField(
        label=_("Unit in charge"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        choices = [("", _("as of the zone above")), *tree.on().choices()]
        self.fields["unit"].choices = choices  # type: ignore[attr-defined]


class ZoneUnit(kit.FormPage):
    """Say which unit is in charge of a zone."""

    title = _("Unit in charge")
    permission = "network.edit"
    form_class = UnitForm
    explanation = _(
        "Posts that are limited to a unit give jobs, attend to alarms and approve changes in the "
        "zones of that unit only. A zone without one takes the unit of the zone it is a part of."
    )

    @cached_property
    def zone(self) -> Zone:
        """The zone that the address names."""
        found = Zone.objects.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def zone_url(self) -> str:
        """The page of the zone."""
        return reverse("network:zone", args=[self.zone.code])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the zone."""
        return (
            (_("Zones"), reverse("network:zones")),
            (queries.name_of(self.zone), self.zone_url),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the zone."""
        return self.zone_url

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Show who is in charge now."""
        return {"unit": self.zone.unit_id}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Put it in charge."""
        key = form.cleaned_data["unit"]
        unit = Unit.objects.get(pk=key) if key else None
        actions.give_zone(self.zone.code, unit, by_id=request.user.pk)
        messages.success(request, gettext("Kept."))
        return self.zone_url
