"""Estates: the list, and everything about one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import figures, indexed, key_accounts, queries, rules, visit_types
from huoshui.areas.customers.models import Board, Building, Estate
from huoshui.areas.customers.web import shown
from huoshui.areas.network import facade as network
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

VALID = {True: (_("Valid"), "green"), False: (_("None valid"), "orange")}


def valid_board(estate: Any) -> Exists:
    """Return whether an estate has a board that tells the truth today."""
    today = clock.local(clock.now()).date()
    rows = Board.objects.filter(
        estate=estate, removed_at__isnull=True, valid_until_date__gte=today,
        shows=OuterRef("grid__specialist"),
    )  # fmt: skip
    return Exists(rows)


def _needing(rows: Any, wanted: str) -> Any:
    if wanted == "no_board":
        return rows.filter(has_board=False)
    if wanted == "no_event":
        since = clock.local(clock.now()).date() - rules.OUTREACH_EVERY
        return rows.exclude(pk__in=key_accounts.estates_reached(since))
    return rows.filter(Q(grid__isnull=True) | Q(grid__specialist__isnull=True))


class Estates(kit.ListPage):
    """All estates."""

    title = _("Estates")
    permission = "customers.read"
    url_name = "customers:estates"
    columns = (
        kit.Column("code", _("Code"), href=lambda row: shown.estate_url(row.code)),
        kit.Column("name", _("Name")),
        kit.Column("district", _("District"), phone=False),
        kit.Column("households", _("Households"), format=",d", phone=False),
        kit.Column("grid", _("Grid"), sort="grid__code", value=lambda row: row.grid and
                   row.grid.name),
        kit.Column("specialist", _("Specialist"), sort="grid__specialist__name",
                   value=lambda row: row.grid and row.grid.specialist and
                   row.grid.specialist.name),
        kit.Column("has_board", _("Notice board"), badge=VALID),
        kit.Column("property_manager", _("Property management"), phone=False, optional=True),
        kit.Column("owners_group", _("Owners' chat group"), phone=False, optional=True),
    )  # fmt: skip
    search_index = indexed.ESTATES
    search_hint = _("Code, name, district or address")
    filters = (
        kit.ChoiceFilter("grid", _("Grid"), field="grid__code", choices=figures.grid_choices),
        kit.ChoiceFilter("show", _("Show"), apply=_needing,
                         choices=(("no_board", _("Without a valid notice board")),
                                  ("nobody", _("Without a specialist")),
                                  ("no_event", _("Without an event for a year")))),
    )  # fmt: skip
    default_sort = "code"
    empty = _("No estates yet. Import them from a table: Imports, Estates.")

    def rows(self, request: HttpRequest) -> QuerySet[Estate]:
        return queries.estate_rows().annotate(has_board=valid_board(OuterRef("pk")))

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "customers.edit"):
            return ()
        url = reverse("intake:bring", args=["estates"])
        return (kit.link_button(_("Import"), url, icon="upload"),)


class EstatePage(kit.DetailPage):
    """One estate: buildings, counts, its specialist, its boards."""

    permission = "customers.read"
    template = "customers/estate.html"
    slot = "customers.estate.panels"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Estate:
        row = queries.estate_rows().filter(code=kwargs["code"]).first()
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: Estate) -> Any:
        return obj.name

    def trail(self, request: HttpRequest, obj: Estate) -> Sequence[tuple[Any, str]]:
        return ((_("Estates"), reverse("customers:estates")), (obj.code, ""))

    def actions(self, request: HttpRequest, obj: Estate) -> Sequence[SafeString]:
        found = [
            kit.link_button(_("Accounts"), f"{reverse('customers:accounts')}?estate={obj.code}",
                            icon="users")
        ]  # fmt: skip
        if permissions.holds(request.user, f"{visit_types.OUTREACH}.open"):
            url = shown.opening_url(visit_types.OUTREACH, link=f"customers.estate:{obj.code}",
                                    title=obj.name, place=obj.name)  # fmt: skip
            found.append(kit.link_button(_("Plan an event"), url, icon="calendar"))
        if obj.grid is not None and obj.grid.specialist_id:
            url = f"{reverse('customers:board_print', args=[obj.grid.code])}?estate={obj.code}"
            found.append(kit.link_button(_("Print the notice board"), url, icon="file-text"))
            if permissions.holds(request.user, "customers.boards"):
                url = reverse("customers:hang_board", args=[obj.code])
                found.append(kit.link_button(_("Board was hung"), url, icon="pin"))
        return found

    def facts(self, request: HttpRequest, obj: Estate) -> Sequence[kit.Section]:
        grid = obj.grid
        count = queries.accounts_by_estate([obj.pk]).get(obj.pk, 0)
        where = [
            kit.Fact(_("Code"), obj.code),
            kit.Fact(_("District"), obj.district),
            kit.Fact(_("Address"), obj.address),
            kit.Fact(_("Households"), obj.households),
            kit.Fact(_("Accounts"), count),
            kit.Fact(_("Buildings"), Building.objects.filter(estate=obj).count()),
        ]
        who = [
            kit.Fact(_("Grid"), grid.name if grid else None,
                     href=shown.grid_url(grid.code) if grid else ""),
            kit.Fact(_("Specialist"), grid.specialist.name if grid and grid.specialist else None),
            kit.Fact(_("Work phone"), grid.phone if grid else None),
            kit.Fact(_("Property management"), obj.property_manager, note=obj.property_phone),
            kit.Fact(_("Owners' chat group"), obj.owners_group),
            kit.Fact(_("Open cases"), len(cases.linked("customers.estate", obj.code))),
        ]  # fmt: skip
        return (kit.Section(_("Estate"), where), kit.Section(_("Who looks after it"), who))

    def slot_values(self, request: HttpRequest, obj: Estate) -> Mapping[str, Any]:
        return {"estate_code": obj.code}

    def context(self, request: HttpRequest, obj: Estate) -> dict[str, Any]:
        today = clock.local(clock.now()).date()
        sees = permissions.holds(request.user, "network.read")
        may_take_down = permissions.holds(request.user, "customers.boards")
        boards = Board.objects.filter(estate=obj).select_related("shows").order_by("-hung_at")[:20]
        return {
            "map_props": network.small_map_of(zone_code=obj.zone_code, lon=obj.lon, lat=obj.lat)
            if sees
            else None,
            "boards": [
                {
                    "place": one.place,
                    "shows": one.shows.name,
                    "until": one.valid_until_date,
                    "hung_at": one.hung_at,
                    "removed": one.removed_at is not None,
                    "outdated": one.removed_at is None and one.valid_until_date < today,
                    "take_down": kit.action_button(
                        request, _("Take down"), reverse("customers:take_down", args=[one.pk]),
                        icon="x", colour="sm", confirm=_("Was this notice board taken down?"),
                    ) if may_take_down and one.removed_at is None else "",
                    "stale": one.removed_at is None and (
                        obj.grid is None or obj.grid.specialist_id != one.shows_id
                    ),
                }
                for one in boards
            ],
        }  # fmt: skip
