"""What passers-by reported, for staff; and the photos of an asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import actions, choices, queries, small_map
from huoshui.areas.network.contracts import ReportState
from huoshui.areas.network.models import AssetReport, Attachment
from huoshui.areas.network.web.shown import asset_url
from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions, personal
from huoshui.kernel.pages import kit

STATES = {
    ReportState.NEW: (choices.REPORT_STATES[ReportState.NEW], "red"),
    ReportState.LOOKED_AT: (choices.REPORT_STATES[ReportState.LOOKED_AT], "green"),
    ReportState.JOB: (choices.REPORT_STATES[ReportState.JOB], "blue"),
    ReportState.DISMISSED: (choices.REPORT_STATES[ReportState.DISMISSED], "secondary"),
}


def report_url(pk: int) -> str:
    """Return the address of a report's page."""
    return reverse("network:report", args=[pk])


class Reports(kit.ListPage):
    """What passers-by reported, the newest first."""

    title = _("Reports by code")
    permission = "network.reports"
    url_name = "network:reports"
    columns = (
        kit.Column("reported_at", _("Reported on"), format="moment",
                   href=lambda row: report_url(row["pk"])),
        kit.Column("asset_code", _("Asset"), href=lambda row: asset_url(row["asset_code"])),
        kit.Column("trouble", _("What is wrong"), labels=choices.TROUBLES),
        kit.Column("text", _("Text"), phone=False),
        kit.Column("state", _("State"), badge=STATES),
    )  # fmt: skip
    search = ("asset__code", "text")
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=choices.REPORT_STATES.items()),
        kit.ChoiceFilter("trouble", _("What is wrong"), choices=choices.TROUBLES.items()),
        kit.PeriodFilter("reported_at", _("Reported on")),
    )
    default_sort = "-reported_at"
    empty = _("No reports. They come from the codes on assets; print labels from an asset's page.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return AssetReport.objects.order_by().values(
            "pk", "reported_at", "trouble", "text", "state", asset_code=F("asset__code")
        )


class ReportDetail(kit.DetailPage):
    """One report, and what to do with it."""

    permission = "network.reports"
    template = "network/report.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> AssetReport:
        rows = AssetReport.objects.select_related("asset", "photo", "looked_by")
        found = rows.filter(pk=kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest, obj: AssetReport) -> Any:
        return f"{choices.TROUBLES[obj.trouble]} · {obj.asset.code}"

    def badges(self, request: HttpRequest, obj: AssetReport) -> Sequence[SafeString]:
        return [kit.badge(*STATES[ReportState(obj.state)])]

    def trail(self, request: HttpRequest, obj: AssetReport) -> Sequence[tuple[Any, str]]:
        return ((_("Reports by code"), reverse("network:reports")), (str(obj.pk), ""))

    def actions(self, request: HttpRequest, obj: AssetReport) -> Sequence[SafeString]:
        offered = (
            (ReportState.JOB, _("Make a job"), "primary"),
            (ReportState.LOOKED_AT, _("Looked at"), "success"),
            (ReportState.DISMISSED, _("Put aside"), "secondary"),
        )
        if obj.state not in (ReportState.NEW, ReportState.LOOKED_AT):
            return ()
        return [
            kit.action_button(
                request, label, reverse("network:settle_report", args=[obj.pk]),
                colour=colour, values={"state": str(state)},
            )
            for state, label, colour in offered
            if state != obj.state
        ]  # fmt: skip

    def facts(self, request: HttpRequest, obj: AssetReport) -> Sequence[kit.Section]:
        if obj.phone and personal.may_see(request.user):
            subject = f"network.report:{obj.pk}"
            audit.record_read(request.user.pk, "network.report_read", subject)
        what = (
            kit.Fact(_("Asset"), obj.asset.code, href=asset_url(obj.asset.code)),
            kit.Fact(_("Reported on"), obj.reported_at, format="moment"),
            kit.Fact(_("Text"), obj.text),
            kit.Fact(_("Telephone"), personal.phone_for(request.user, obj.phone)),
            kit.Fact(_("Settled"), obj.looked_at, format="moment"),
            kit.Fact(_("Settled by"), obj.looked_by.name if obj.looked_by else None),
        )
        return (kit.Section(_("Report"), what),)

    def context(self, request: HttpRequest, obj: AssetReport) -> dict[str, Any]:
        row = queries.asset_by_code(obj.asset.code)
        return {
            "photo": obj.photo.url if obj.photo else "",
            "map_props": small_map.of_asset(queries.as_contract(row)) if row else None,
        }


@permissions.needs("network.reports")
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what was done with a report."""
    wanted = request.POST.get("state", "")
    if wanted not in choices.REPORT_STATES:
        raise Http404
    actions.settle_report(pk, state=ReportState(wanted), by_id=request.user.pk)
    return HttpResponseRedirect(report_url(pk))


class AttachForm(forms.Form):
    """Photos of an asset, with a caption."""

    photos = kit.PhotosField(label=_("Photos"))
    caption = forms.CharField(label=_("Caption"), required=False, max_length=200)


class Attach(kit.FormPage):
    """Keep photos with an asset."""

    title = _("Add photos")
    permission = "network.edit"
    form_class = AttachForm

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        if queries.asset_by_code(self.kwargs["code"]) is None:
            raise Http404
        return {}

    def get_cancel_url(self, request: HttpRequest) -> str:
        return asset_url(self.kwargs["code"])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        code = self.kwargs["code"]
        return ((_("Assets"), reverse("network:assets")), (code, asset_url(code)), (self.title, ""))

    def submit(self, request: HttpRequest, form: AttachForm) -> str:
        for photo in form.cleaned_data["photos"]:
            actions.attach(
                self.kwargs["code"],
                photo,
                caption=form.cleaned_data["caption"],
                by_id=request.user.pk,
            )
        return asset_url(self.kwargs["code"])


@permissions.needs("network.edit")
@require_POST
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a photo from its asset."""
    if not Attachment.objects.filter(pk=pk).exists():
        raise Http404
    return HttpResponseRedirect(asset_url(actions.detach(pk, by_id=request.user.pk)))
