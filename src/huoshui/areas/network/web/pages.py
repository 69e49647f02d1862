"""The map, and the pages of zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import choices, queries, small_map, units
from huoshui.areas.network.web import props
from huoshui.areas.network.web.shown import zone_url
from huoshui.kernel.accounts import permissions
from huoshui.kernel.organisation import tree
from huoshui.kernel.pages import kit


@permissions.needs("network.read")
def home(request: HttpRequest) -> HttpResponse:
    """Send the reader to the first page of the product: the map."""
    return redirect("network:map")


@permissions.needs("network.read")
def network_map(request: HttpRequest) -> HttpResponse:
    """Show the map of the network."""
    values = props.of_map(request)
    context = {
        "title": _("Map"),
        "props": values,
        "is_empty": values["bounds"] is None,
        "may_import": permissions.holds(request.user, "network.edit"),
    }
    return render(request, "network/map.html", context)


class Zones(kit.ListPage):
    """All zones."""

    title = _("Zones")
    permission = "network.read"
    url_name = "network:zones"
    columns = (
        kit.Column("code", _("Code"), href=lambda row: zone_url(row["code"])),
        kit.Column("shown_name", _("Name")),
        kit.Column("kind", _("Kind"), labels=choices.ZONE_KINDS),
        kit.Column("parent_name", _("Part of")),
        kit.Column("assets_count", _("Assets"), format="d"),
        kit.Column("pipes_count", _("Pipes"), format="d"),
        kit.Column("connections_count", _("Service connections"), format="d", phone=False),
        kit.Column("pipes_length_m", _("Length of pipes"), unit="km", sort="pipes_length_m",
                   format=".2f", value=lambda row: (row["pipes_length_m"] or 0.0) / 1000),
    )  # fmt: skip
    search = ("code", "name", "name_en")
    filters = (kit.ChoiceFilter("kind", _("Kind"), choices=choices.ZONE_KINDS.items()),)
    default_sort = "code"
    empty = _("No zones yet. They come with the network, or are assigned by a program.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        return queries.zone_rows()


class ZoneDetail(kit.DetailPage):
    """One zone: its size, its map, and what others know of it."""

    permission = "network.read"
    template = "network/zone.html"
    slot = "network.zone.panels"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Mapping[str, Any]:
        found = queries.zone_rows(kwargs["code"])
        if not found:
            raise Http404
        return found[0]

    def heading(self, request: HttpRequest, obj: Mapping[str, Any]) -> Any:
        return obj["shown_name"]

    def trail(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[tuple[Any, str]]:
        return ((_("Zones"), reverse("network:zones")), (obj["code"], ""))

    def actions(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[SafeString]:
        edit = kit.link_button(
            _("Unit in charge"), reverse("network:zone_unit", args=[obj["code"]])
        )
        return (
            kit.link_button(
                _("Area card"), reverse("network:area", args=[obj["code"]]), icon="clipboard-data"
            ),
            *([edit] if permissions.holds(request.user, "network.edit") else []),
            kit.link_button(
                _("Assets of the zone"),
                f"{reverse('network:assets')}?zone={obj['code']}",
                icon="list-details",
            ),
            kit.link_button(
                _("Connections of the zone"),
                f"{reverse('network:connections')}?zone={obj['code']}",
                icon="bucket-droplet",
            ),
        )

    def facts(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[kit.Section]:
        parent = obj["parent_code"]
        length_m = obj["pipes_length_m"] or 0.0
        return (
            kit.Section(
                _("Zone"),
                (
                    kit.Fact(_("Code"), obj["code"]),
                    kit.Fact(_("Kind"), choices.ZONE_KINDS[obj["kind"]]),
                    kit.Fact(
                        _("Part of"), obj["parent_name"], href=zone_url(parent) if parent else ""
                    ),
                    kit.Fact(_("Unit in charge"), tree.on().name_of(units.of_zone(obj["code"]))),
                    kit.Fact(_("Assets"), obj["assets_count"], format="d"),
                    kit.Fact(_("Pipes"), obj["pipes_count"], format="d"),
                    kit.Fact(_("Length of pipes"), length_m / 1000, "km", format=".2f"),
                ),
            ),
        )

    def slot_values(self, request: HttpRequest, obj: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"zone_code": obj["code"]}

    def context(self, request: HttpRequest, obj: Mapping[str, Any]) -> dict[str, Any]:
        return {"map_props": small_map.of_zone(obj["code"])}
