"""Pages of the network: the map, assets, zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import queries, rules, small_map, words
from huoshui.areas.network.contracts import Kind
from huoshui.areas.network.models import Asset
from huoshui.areas.network.web import props
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

UNKNOWN = "unknown"


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


def asset_url(code: str) -> str:
    """Return the address of an asset's page."""
    return reverse("network:asset", args=[code])


def zone_url(code: str) -> str:
    """Return the address of a zone's page."""
    return reverse("network:zone", args=[code])


def diameter_classes() -> list[tuple[str, str]]:
    """Return the classes of the map as choices: number and words."""
    breaks = rules.DIAMETER_BREAKS_MM
    named = []
    for index in range(len(breaks) + 1):
        low, high = rules.range_of_class(breaks, index)
        shown = f"≤ {high:g} mm" if low is None else f"> {low:g} mm"
        named.append((str(index), shown if None in (low, high) else f"{low:g}–{high:g} mm"))
    return named


def in_diameter_class(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    """Keep assets of one class of diameters."""
    low, high = rules.range_of_class(rules.DIAMETER_BREAKS_MM, int(wanted))
    fits = Q(diameter_mm__isnull=False)
    if low is not None:
        fits &= Q(diameter_mm__gt=low)
    if high is not None:
        fits &= Q(diameter_mm__lte=high)
    return rows.filter(fits)


def material_choices() -> Iterable[tuple[str, Any]]:
    """Return all materials as choices, and the lack of one."""
    return [*words.MATERIALS.items(), (UNKNOWN, _("Not known"))]


def of_material(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    """Keep assets of one material; of pipes, those whose material is not known."""
    if wanted == UNKNOWN:
        return rows.filter(material="", kind=Kind.PIPE)
    return rows.filter(material=wanted)


class Assets(kit.ListPage):
    """All assets of the register."""

    title = _("Assets")
    permission = "network.read"
    url_name = "network:assets"
    columns = (
        kit.Column("code", _("Code"), href=lambda row: asset_url(row["code"])),
        kit.Column("kind", _("Kind"), labels=words.KINDS),
        kit.Column("name", _("Name"), phone=False),
        kit.Column("zone_name", _("Zone")),
        kit.Column("diameter_mm", _("Diameter"), format=".0f", unit="mm"),
        kit.Column("length_m", _("Length"), format=".1f", unit="m"),
        kit.Column("material", _("Material"), labels=words.MATERIALS),
        kit.Column("laid_year", _("Laid"), align="end", value=lambda row: row["laid_year"] and
                   str(row["laid_year"]), sort="laid_year", phone=False),
        kit.Column("elevation_m", _("Elevation"), format=".1f", unit="m", phone=False),
    )  # fmt: skip
    search = ("code", "name")
    search_hint = _("Code or name")
    filters = (
        kit.ChoiceFilter("kind", _("Kind"), choices=words.KINDS.items()),
        kit.ChoiceFilter("zone", _("Zone"), field="zone__code", choices=queries.zone_choices),
        kit.ChoiceFilter("material", _("Material"), choices=material_choices, apply=of_material),
        kit.ChoiceFilter(
            "diameter", _("Diameter"), choices=diameter_classes, apply=in_diameter_class
        ),
    )
    default_sort = "code"
    empty = _("No assets here. Import a network file, or widen the filters.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        names = [column.key for column in self.columns]
        return Asset.objects.annotate(zone_name=queries.zone_name("zone__")).values("pk", *names)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "network.edit"):
            return ()
        url = reverse("network:import")
        return (kit.link_button(_("Import a network"), url, icon="upload"),)


class AssetDetail(kit.DetailPage):
    """One asset: where it is, what it is, what it is joined to, what others know of it."""

    permission = "network.read"
    template = "network/asset.html"
    slot = "network.asset.panels"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Asset:
        found = queries.asset_by_code(kwargs["code"])
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest, obj: Asset) -> Any:
        return f"{words.KINDS[obj.kind]} {obj.code}"

    def trail(self, request: HttpRequest, obj: Asset) -> Sequence[tuple[Any, str]]:
        return ((_("Assets"), reverse("network:assets")), (obj.code, ""))

    def actions(self, request: HttpRequest, obj: Asset) -> Sequence[SafeString]:
        on_map = f"{reverse('network:map')}?asset={obj.code}"
        buttons = [kit.link_button(_("Show on the map"), on_map, icon="map-pin")]
        if permissions.holds(request.user, "network.edit"):
            url = reverse("network:edit", args=[obj.code])
            buttons.append(kit.link_button(_("Edit"), url, icon="edit"))
        return buttons

    def facts(self, request: HttpRequest, obj: Asset) -> Sequence[kit.Section]:
        zone = obj.zone
        place = (
            f"{obj.lon:.6f}°, {obj.lat:.6f}°"
            if obj.lon is not None and obj.lat is not None
            else None
        )
        what = [
            kit.Fact(_("Code"), obj.code),
            kit.Fact(_("Kind"), words.VALVE_KINDS.get(obj.valve_kind) or words.KINDS[obj.kind]),
            kit.Fact(_("Name"), obj.name),
            kit.Fact(
                _("Zone"),
                queries.name_of(zone) if zone else None,
                href=zone_url(zone.code) if zone else "",
            ),
            kit.Fact(_("Longitude, latitude"), place),
        ]
        if obj.tag:
            what.append(kit.Fact(_("Tag"), obj.tag))
        return (kit.Section(_("Asset"), what), kit.Section(_("Technical data"), technical(obj)))

    def slot_values(self, request: HttpRequest, obj: Asset) -> Mapping[str, Any]:
        return {"asset_code": obj.code}

    def context(self, request: HttpRequest, obj: Asset) -> dict[str, Any]:
        return {
            "map_props": small_map.of_asset(queries.as_contract(obj)),
            "connected": [
                {
                    "code": one.code,
                    "url": asset_url(one.code),
                    "kind": words.KINDS[one.kind],
                    "diameter_mm": one.diameter_mm,
                    "length_m": one.length_m,
                }
                for one in queries.connected_to(obj)
            ],
        }


def technical(obj: Asset) -> list[kit.Fact]:
    """Return the technical facts that an asset of this kind has."""
    if obj.kind == Kind.PIPE:
        roughness = [
            (_("Hazen-Williams coefficient"), obj.roughness_c, ""),
            (_("Wall roughness"), obj.roughness_mm, "mm"),
            (_("Manning coefficient"), obj.roughness_n, ""),
        ]
        return [
            kit.Fact(_("Diameter"), obj.diameter_mm, "mm", format=".0f"),
            kit.Fact(_("Length"), obj.length_m, "m", format=".1f"),
            kit.Fact(_("Material"), words.MATERIALS.get(obj.material)),
            kit.Fact(_("Laid"), str(obj.laid_year) if obj.laid_year else None),
            *(kit.Fact(*one) for one in roughness if one[1] is not None),
        ]
    if obj.kind == Kind.VALVE:
        return [kit.Fact(_("Diameter"), obj.diameter_mm, "mm", format=".0f")]
    if obj.kind == Kind.PUMP:
        return []
    if obj.kind == Kind.TANK:
        return [
            kit.Fact(_("Floor elevation"), obj.elevation_m, "m", format=".2f"),
            kit.Fact(_("Lowest level"), obj.level_m_min, "m", format=".2f"),
            kit.Fact(_("Highest level"), obj.level_m_max, "m", format=".2f"),
            kit.Fact(_("Diameter"), obj.tank_diameter_m, "m", format=".1f"),
        ]
    label = _("Water level") if obj.kind == Kind.RESERVOIR else _("Elevation")
    return [kit.Fact(label, obj.elevation_m, "m", format=".2f")]


class Zones(kit.ListPage):
    """All zones."""

    title = _("Zones")
    permission = "network.read"
    url_name = "network:zones"
    columns = (
        kit.Column("code", _("Code"), href=lambda row: zone_url(row["code"])),
        kit.Column("shown_name", _("Name")),
        kit.Column("parent_code", _("Part of")),
        kit.Column("assets_count", _("Assets"), format="d"),
        kit.Column("pipes_count", _("Pipes"), format="d"),
        kit.Column("pipes_length_m", _("Length of pipes"), unit="km", sort="pipes_length_m",
                   format=".2f", value=lambda row: (row["pipes_length_m"] or 0.0) / 1000),
    )  # fmt: skip
    search = ("code", "name", "name_en")
    default_sort = "code"
    empty = _("No zones yet. They come with the network, or are assigned by a program.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return queries.zone_rows()


class ZoneDetail(kit.DetailPage):
    """One zone: its size, its map, and what others know of it."""

    permission = "network.read"
    template = "network/zone.html"
    slot = "network.zone.panels"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Mapping[str, Any]:
        found = queries.zone_rows().filter(code=kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest, obj: Mapping[str, Any]) -> Any:
        return obj["shown_name"]

    def trail(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[tuple[Any, str]]:
        return ((_("Zones"), reverse("network:zones")), (obj["code"], ""))

    def actions(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[SafeString]:
        return (
            kit.link_button(
                _("Assets of the zone"),
                f"{reverse('network:assets')}?zone={obj['code']}",
                icon="list-details",
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
                    kit.Fact(_("Part of"), parent, href=zone_url(parent) if parent else ""),
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
