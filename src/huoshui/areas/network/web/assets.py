"""The list of assets and the page of one, of today or of a past day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import choices, history, indexed, queries, rules, small_map
from huoshui.areas.network.contracts import Kind
from huoshui.areas.network.models import Asset, Zone
from huoshui.areas.network.web import shown
from huoshui.areas.network.web.shown import asset_url
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit.filters import asked_day

UNKNOWN = "unknown"
LABELS_MAX = 200


def diameter_classes() -> list[tuple[str, str]]:
    """Return the classes of the map as choices: number and words."""
    breaks = rules.DIAMETER_BREAKS_MM
    named = []
    for index in range(len(breaks) + 1):
        low, high = rules.range_of_class(breaks, index)
        said = f"≤ {high:g} mm" if low is None else f"> {low:g} mm"
        named.append((str(index), said if None in (low, high) else f"{low:g}–{high:g} mm"))
    return named


def in_diameter_class(rows: Any, wanted: str) -> Any:
    """Keep assets of one class of diameters."""
    low, high = rules.range_of_class(rules.DIAMETER_BREAKS_MM, int(wanted))
    if not isinstance(rows, QuerySet):
        return [
            row
            for row in rows
            if (mm := row["diameter_mm"]) is not None
            and (low is None or mm > low)
            and (high is None or mm <= high)
        ]
    fits = Q(diameter_mm__isnull=False)
    if low is not None:
        fits &= Q(diameter_mm__gt=low)
    if high is not None:
        fits &= Q(diameter_mm__lte=high)
    return rows.filter(fits)


def material_choices() -> Iterable[tuple[str, Any]]:
    """Return all materials as choices, and the lack of one."""
    return [*choices.MATERIALS.items(), (UNKNOWN, _("Not known"))]


def of_material(rows: Any, wanted: str) -> Any:
    """Keep assets of one material; of pipes, those whose material is not known."""
    if not isinstance(rows, QuerySet):
        if wanted == UNKNOWN:
            return [r for r in rows if not r["material"] and r["kind"] == Kind.PIPE]
        return [r for r in rows if r["material"] == wanted]
    if wanted == UNKNOWN:
        return rows.filter(material="", kind=Kind.PIPE)
    return rows.filter(material=wanted)


class DayFilter(kit.Filter):
    """A past day: the list shows the network as it stood at its end."""

    def moment(self, query: QueryDict) -> datetime | None:
        """Return the end of the day asked for; None for the present."""
        return end_of_day(query, self.name)

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        day = asked_day(query, self.name)
        return [(self.name, day.isoformat())] if day and self.moment(query) else []

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        return rows

    def controls(self, query: QueryDict) -> SafeString:
        return format_html(
            '<label class="hs-filter"><span>{}</span>'
            '<input type="date" class="form-control" name="{}" value="{}" max="{}"></label>',
            self.label,
            self.name,
            query.get(self.name, ""),
            clock.local(clock.now()).date().isoformat(),
        )


def end_of_day(query: QueryDict, name: str = "at") -> datetime | None:
    """Return the last moment of the city's day that was asked for; None for today or none."""
    day = asked_day(query, name)
    if day is None:
        return None
    moment = datetime.combine(day + timedelta(days=1), time(tzinfo=clock.local_zone()))
    return moment if moment <= clock.now() else None


def _codes(ids: Sequence[int]) -> list[str]:
    found: list[str] = []
    for at in range(0, len(ids), queries.CODES_AT_ONCE):
        some = Asset.objects.filter(id__in=ids[at : at + queries.CODES_AT_ONCE])
        found += some.order_by("sort_code").values_list("code", flat=True)
    return found


def for_change(request: HttpRequest, ids: list[int]) -> int:
    """Take the chosen assets along to the form that changes many; a message leads there."""
    request.session["network.bulk_codes"] = _codes(ids)
    _lead_to(request, reverse("network:bulk_edit"), _("Continue: what shall change?"))
    return len(ids)


def for_labels(request: HttpRequest, ids: list[int]) -> int:
    """Make a sheet of labels for the chosen assets; a message leads there."""
    query = urlencode({"codes": " ".join(_codes(ids[:LABELS_MAX]))})
    _lead_to(request, f"{reverse('network:labels')}?{query}", _("Open the sheet of labels"))
    return len(ids)


def _lead_to(request: HttpRequest, url: str, words: Any) -> None:
    messages.success(request, format_html('<a href="{}">{}</a>', url, words))


class Assets(kit.ListPage):
    """All assets of the register, of today or of a past day."""

    title = _("Assets")
    permission = "network.read"
    url_name = "network:assets"
    columns = (
        kit.Column("code", _("Code"), href=lambda row: asset_url(row["code"]), sort="sort_code"),
        kit.Column("kind", _("Kind"), labels=choices.KINDS),
        kit.Column("name", _("Name"), phone=False),
        kit.Column("zone_name", _("Zone"), sort=False),
        kit.Column("diameter_mm", _("Diameter"), format=".0f", unit="mm"),
        kit.Column("length_m", _("Length"), format=".1f", unit="m"),
        kit.Column("material", _("Material"), labels=choices.MATERIALS),
        kit.Column("laid_year", _("Laid"), align="end", value=lambda row: row["laid_year"] and
                   str(row["laid_year"]), sort="laid_year", phone=False),
        kit.Column("elevation_m", _("Elevation"), format=".1f", unit="m", phone=False),
        kit.Column("status", _("Status"), labels=choices.STATUSES, phone=False),
    )  # fmt: skip
    search = ("code", "name")
    search_index = indexed.ASSETS
    search_hint = _("Code or name")
    filters = (
        kit.ChoiceFilter("kind", _("Kind"), choices=choices.KINDS.items()),
        kit.ChoiceFilter("zone", _("Zone"), field="zone__code", choices=queries.zone_choices),
        kit.ChoiceFilter("material", _("Material"), choices=material_choices, apply=of_material),
        kit.ChoiceFilter(
            "diameter", _("Diameter"), choices=diameter_classes, apply=in_diameter_class
        ),
        kit.ChoiceFilter("status", _("Status"), choices=choices.STATUSES.items()),
        DayFilter("at", _("As of the day")),
    )
    bulk = (
        kit.BulkAction(
            "change", _("Change many assets"), for_change, permission="network.edit", icon="edit"
        ),
        kit.BulkAction(
            "labels", _("Print labels"), for_labels, permission="network.read", icon="id"
        ),
    )
    default_sort = "sort_code"
    ties = dict.fromkeys(("kind", "material", "status"), "sort_code")
    empty = _("No assets here. Import a network file, or widen the filters.")

    def rows(self, request: HttpRequest) -> Any:
        moment = end_of_day(request.GET)
        if moment is not None:
            return _past_rows(moment)
        names = [column.key for column in self.columns if column.key != "zone_name"]
        return (
            Asset.objects.present()
            .annotate(zone_name=queries.zone_name_of())
            .values("pk", "sort_code", "zone_name", *names)
        )

    def above(self, request: HttpRequest) -> SafeString | None:
        moment = end_of_day(request.GET)
        if moment is None:
            return None
        return format_html(
            '<div class="alert alert-info" role="status">{}</div>',
            _("This is the network as it stood at the end of %(day)s, as we know it now.")
            % {"day": request.GET["at"]},
        )

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        buttons = []
        if permissions.holds(request.user, "network.edit"):
            url = reverse("network:import")
            buttons.append(kit.link_button(_("Import a network"), url, icon="upload"))
        if permissions.holds(request.user, "network.export"):
            url = reverse("network:export")
            buttons.append(kit.link_button(_("Export the network"), url, icon="download"))
        return buttons


def _past_rows(moment: datetime) -> list[dict[str, Any]]:
    """Return the rows of the list as they were."""
    zones = {
        pk: (code, name)
        for pk, code, name in Zone.objects.values_list("id", "code", queries.zone_name())
    }
    names = ("code", "sort_code", "kind", "name", "diameter_mm", "length_m", "material",
             "laid_year", "elevation_m", "status")  # fmt: skip
    rows = history.as_of(moment, Asset.objects.defer("surveyed", "line").order_by("id"))
    found = []
    for row in rows:
        code, name = zones.get(row.zone_id or 0, (None, None))
        found.append(
            {"pk": row.id, "zone__code": code, "zone_name": name}
            | {one: getattr(row, one) for one in names}
        )
    return found


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
        return f"{choices.KINDS[obj.kind]} {obj.code}"

    def badges(self, request: HttpRequest, obj: Asset) -> Sequence[SafeString]:
        if obj.retired_at is not None:
            return [kit.badge(_("Taken out"), "red")]
        if obj.status != "in_use":
            return [kit.badge(choices.STATUSES[obj.status], "orange")]
        return []

    def trail(self, request: HttpRequest, obj: Asset) -> Sequence[tuple[Any, str]]:
        return ((_("Assets"), reverse("network:assets")), (obj.code, ""))

    def actions(self, request: HttpRequest, obj: Asset) -> Sequence[SafeString]:
        on_map = f"{reverse('network:map')}?asset={obj.code}"
        buttons = [
            kit.link_button(_("Show on the map"), on_map, icon="map-pin"),
            kit.link_button(
                _("Trace"), reverse("network:trace", args=[obj.code]), icon="git-branch"
            ),
        ]
        if obj.kind == Kind.VALVE and permissions.holds(request.user, "network.turn"):
            turn = reverse("network:turn", args=[obj.code])
            look = reverse("network:look", args=[obj.code])
            buttons.append(kit.link_button(_("Report a turn"), turn, icon="refresh"))
            buttons.append(kit.link_button(_("Report its condition"), look, icon="eye"))
        if obj.retired_at is None:
            sheet = f"{reverse('network:labels')}?{urlencode({'codes': obj.code})}"
            buttons.append(kit.link_button(_("Label"), sheet, icon="id"))
        if obj.retired_at is None and permissions.holds(request.user, "network.edit"):
            photos = reverse("network:attach", args=[obj.code])
            buttons.append(kit.link_button(_("Add photos"), photos, icon="camera"))
            url = reverse("network:edit", args=[obj.code])
            buttons.append(kit.link_button(_("Edit"), url, icon="edit"))
        return buttons

    def facts(self, request: HttpRequest, obj: Asset) -> Sequence[kit.Section]:
        found = shown.sections(obj)
        if obj.kind == Kind.VALVE:
            found.insert(1, shown.valve_facts(obj))
        return found

    def slot_values(self, request: HttpRequest, obj: Asset) -> Mapping[str, Any]:
        return {"asset_code": obj.code}

    def context(self, request: HttpRequest, obj: Asset) -> dict[str, Any]:
        return {
            "map_props": small_map.of_asset(queries.as_contract(obj)),
            "connected": [
                {
                    "code": one.code,
                    "url": asset_url(one.code),
                    "kind": choices.KINDS[one.kind],
                    "diameter_mm": one.diameter_mm,
                    "length_m": one.length_m,
                }
                for one in queries.connected_to(obj)
            ],
            "timeline": shown.timeline(obj),
            "photos": [
                {
                    "url": one.file.url,
                    "caption": one.caption,
                    "remove_url": reverse("network:detach", args=[one.pk]),
                }
                for one in obj.attachments.filter(removed_at=None).select_related("file")
            ],
            "may_edit": permissions.holds(request.user, "network.edit"),
        }
