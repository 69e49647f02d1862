"""Connections of customers: the list, one of them, and the pipe that a person chooses for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import actions, choices, indexed, queries, small_map
from huoshui.areas.network.models import Asset, Connection
from huoshui.areas.network.web.shown import asset_url, connection_url, zone_url
from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

MANUAL = {True: (_("By hand"), "blue"), False: (_("Computed"), "secondary")}


class Connections(kit.ListPage):
    """All connections."""

    title = _("Service connections")
    permission = "network.customers"
    url_name = "network:connections"
    columns = (
        kit.Column("code", _("Code"), href=lambda row: connection_url(row["code"]),
                   sort="sort_code"),
        kit.Column("customer_code", _("Customer")),
        kit.Column("address", _("Address"), phone=False),
        kit.Column("pipe_code", _("Pipe"), href=lambda row: row["pipe_code"] and
                   asset_url(row["pipe_code"]), sort=False),
        kit.Column("is_manual", _("Pipe chosen"), badge=MANUAL, phone=False, sort=False),
        kit.Column("away_m", _("Distance"), format=".1f", unit="m", phone=False),
        kit.Column("zone_name", _("Zone"), phone=False, sort=False),
        kit.Column("annual_use_m3", _("Yearly use"), format=",.0f", unit="m³"),
        kit.Column("status", _("Status"), labels=choices.CONNECTION_STATUSES, phone=False,
                   sort=False),
    )  # fmt: skip
    search = ("code", "customer_code", "address")
    search_index = indexed.CONNECTIONS
    search_hint = _("Code, customer or address")
    filters = (
        kit.ChoiceFilter("zone", _("Zone"), field="zone__code", choices=queries.zone_choices),
        kit.ChoiceFilter("status", _("Status"), choices=choices.CONNECTION_STATUSES.items()),
    )
    default_sort = "sort_code"
    empty = _("No connections yet. Import customers, and each is joined to its nearest pipe.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        audit.record_read(request.user.pk, "network.connections_listed", "network.connections")
        return Connection.objects.order_by().values(
            "pk", "code", "sort_code", "customer_code", "address", "is_manual", "away_m",
            "annual_use_m3", "status", zone_name=queries.zone_name_of(),
            pipe_code=Subquery(Asset.objects.filter(pk=OuterRef("pipe_id")).values("code")[:1]),
        )  # fmt: skip


class ConnectionDetail(kit.DetailPage):
    """One connection: whose it is, and where it is tapped."""

    permission = "network.customers"
    template = "network/connection.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Connection:
        rows = Connection.objects.select_related("pipe", "zone")
        found = rows.filter(code=kwargs["code"]).first()
        if found is None:
            raise Http404
        audit.record_read(
            request.user.pk, "network.connection_read", f"network.connection:{found.code}"
        )
        return found

    def heading(self, request: HttpRequest, obj: Connection) -> Any:
        return _("Connection %(code)s") % {"code": obj.code}

    def badges(self, request: HttpRequest, obj: Connection) -> Sequence[SafeString]:
        return [kit.badge(choices.CONNECTION_STATUSES[obj.status])]

    def trail(self, request: HttpRequest, obj: Connection) -> Sequence[tuple[Any, str]]:
        return ((_("Service connections"), reverse("network:connections")), (obj.code, ""))

    def actions(self, request: HttpRequest, obj: Connection) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "network.edit"):
            return ()
        url = reverse("network:choose_pipe", args=[obj.code])
        return (kit.link_button(_("Choose the pipe"), url, icon="git-branch"),)

    def facts(self, request: HttpRequest, obj: Connection) -> Sequence[kit.Section]:
        pipe, zone = obj.pipe, obj.zone
        who = (
            kit.Fact(_("Customer"), obj.customer_code),
            kit.Fact(_("Address"), obj.address),
            kit.Fact(_("Yearly use"), obj.annual_use_m3, "m³", format=",.0f"),
            kit.Fact(_("Diameter"), obj.diameter_mm, "mm", format=".0f"),
        )
        where = (
            kit.Fact(_("Pipe"), pipe.code if pipe else None,
                     href=asset_url(pipe.code) if pipe else ""),
            kit.Fact(_("Pipe chosen"), MANUAL[obj.is_manual][0]),
            kit.Fact(_("From the pipe's start"), obj.along_m, "m", format=".1f"),
            kit.Fact(_("From the pipe to the customer"), obj.away_m, "m", format=".1f"),
            kit.Fact(_("Zone"), queries.name_of(zone) if zone else None,
                     href=zone_url(zone.code) if zone else ""),
        )  # fmt: skip
        return (kit.Section(_("Customer"), who), kit.Section(_("Tapping"), where))

    def context(self, request: HttpRequest, obj: Connection) -> dict[str, Any]:
        if obj.lon is None or obj.lat is None:
            return {"map_props": None}
        return {"map_props": small_map.of_spot(obj.lon, obj.lat)}


class PipeForm(forms.Form):
    """The pipe that a connection is tapped into."""

    pipe = forms.CharField(
        label=_("Code of the pipe"),
        required=False,
        max_length=64,
        help_text=_("Empty gives it back to computing: the nearest pipe in use."),
    )


class ChoosePipe(kit.FormPage):
    """Choose the pipe of a connection; computing leaves it alone from then on."""

    title = _("Choose the pipe")
    permission = "network.edit"
    form_class = PipeForm

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = Connection.objects.select_related("pipe").filter(code=self.kwargs["code"]).first()
        if row is None:
            raise Http404
        return {"pipe": row.pipe.code if row.pipe and row.is_manual else ""}

    def get_cancel_url(self, request: HttpRequest) -> str:
        return connection_url(self.kwargs["code"])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        code = self.kwargs["code"]
        return (
            (_("Service connections"), reverse("network:connections")),
            (code, connection_url(code)),
            (self.title, ""),
        )

    def submit(self, request: HttpRequest, form: PipeForm) -> str:
        actions.choose_pipe(
            self.kwargs["code"], form.cleaned_data["pipe"].strip(), by_id=request.user.pk
        )
        return connection_url(self.kwargs["code"])
