"""The forms that make and change a round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, queries
from huoshui.areas.fieldwork.patrol.web import forms
from huoshui.areas.fieldwork.patrol.web.rounds import MANAGE, round_url
from huoshui.areas.fieldwork.web import who
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


class NewRound(kit.FormPage):
    """Make a round."""

    title = _("New round")
    permission = MANAGE
    once = True
    form_class = forms.RoundForm
    template = "fieldwork/round_form.html"
    explanation = _(
        "Zone, outline and numbers are put together. Valves and hydrants at the ends of the pipes "
        "come with them."
    )

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start today, every 30 days, the whole year; the zone from the address."""
        return {
            "zone": request.GET.get("zone", ""), "begin_date": clock.local(clock.now()).date(),
            "every_days": 30, "from_month": 1, "until_month": 12, "near_m": 25,
        }  # fmt: skip

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Patrol rounds"), reverse("patrol:rounds")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("patrol:rounds")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the map to draw on."""
        return {"map_props": outline_props(request)}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Make it, and show it."""
        values = dict(form.cleaned_data)
        codes = actions.pipes_chosen(
            zone_code=values["zone"], codes=values.pop("assets"), ring=values.pop("outline")
        )
        values["zone_code"] = values.pop("zone")
        code = values.pop("code")
        actions.keep_round(
            code, values=values, asset_codes=codes, by_id=who.id_of(request), is_new=True
        )
        return round_url(code)


class ChangeRound(NewRound):
    """Change a round."""

    title = _("Change the round")
    explanation = _(
        "Leave zone, outline and numbers empty to keep the way as it is; what is given replaces it."
    )

    @cached_property
    def row(self) -> models.PatrolRound:
        """The round the address names."""
        row = queries.round_of(self.kwargs["code"])
        if row is None:
            raise Http404
        return row

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form without its number, which stays."""
        form = forms.RoundForm(is_new=False, **arguments)
        del form.fields["code"]
        return form

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the round as it is."""
        row = self.row
        names = ("name", "name_en", "purpose", "every_days", "begin_date", "from_month",
                 "until_month", "walker", "near_m", "is_retired")  # fmt: skip
        return {name: getattr(row, name) for name in names}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the round."""
        return round_url(self.row.code)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Change it, and show it."""
        values = dict(form.cleaned_data)
        zone, listed, ring = values.pop("zone"), values.pop("assets"), values.pop("outline")
        codes = None
        if zone or listed or ring:
            codes = actions.pipes_chosen(zone_code=zone, codes=listed, ring=ring)
            values["zone_code"] = zone
        actions.keep_round(
            self.row.code, values=values, asset_codes=codes, by_id=who.id_of(request)
        )
        return round_url(self.row.code)


def outline_props(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the map to draw an outline on needs; None for who may not see the network."""
    if not permissions.holds(request.user, "network.read"):
        return None
    first = network.zones()[:1]
    box = network.zone_bounds(first[0].code) if first else None
    base = network.small_map_of(lon=0.0, lat=0.0) or {}
    return {"tiles": base.get("tiles"), "bounds": box, "field": "id_outline"}
