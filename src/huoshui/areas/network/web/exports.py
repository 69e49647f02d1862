"""Pages that give the network out as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import given_out
from huoshui.areas.network.actions.exporting import Form
from huoshui.areas.network.models import Asset
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

AT_ONCE = 20_000
"""Up to this many assets a file is made while the reader waits."""
PROBLEMS_SHOWN = 200
NAME = re.compile(r"[0-9a-f]{32}\.(inp|gpkg|geojson)")


class ExportForm(forms.Form):
    """As what, and of which day."""

    form = forms.ChoiceField(
        label=_("Format"),
        choices=(
            (Form.GPKG, _("GeoPackage, for GIS programs")),
            (Form.INP, _("EPANET model (.inp)")),
            (Form.GEOJSON, _("GeoJSON, for the web")),
        ),
    )
    day = forms.DateField(
        label=_("As it was at the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: as it is now."),
    )

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day is not None and day > clock.now().astimezone(clock.local_zone()).date():
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class ExportNetwork(kit.FormPage):
    """Give the network out: at once if it is small, else in the background with a notice."""

    title = _("Export the network")
    permission = "network.export"
    form_class = ExportForm
    submit_label = _("Make the file")
    explanation = _(
        "GeoPackage and GeoJSON hold every asset with all that is known of it, in WGS 84. The "
        "EPANET model is the imported one with what changed since. Who takes the network is noted."
    )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Assets"), reverse("network:assets")), (self.title, ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("network:assets")

    def submit(self, request: HttpRequest, form: ExportForm) -> HttpResponse | str:
        day = form.cleaned_data["day"]
        at = datetime.combine(day, time.max, tzinfo=clock.local_zone()) if day else None
        wanted = str(form.cleaned_data["form"])
        name = given_out.new_name(wanted)
        by_id = int(request.user.pk or 0)
        what = "about_exported" if wanted == Form.INP else "exported"
        url = reverse(f"network:{what}", args=[name])
        if Asset.objects.present().count() <= AT_ONCE:
            given_out.make(by_id, wanted, name, at)
            return url
        given_out.make_in_background.enqueue(by_id, wanted, name, at.isoformat() if at else "", url)
        context = {"title": self.title, "trail": self.trail(request), "url": url}
        return render(request, "network/export_waits.html", context)


@permissions.needs("network.export")
def about_exported(request: HttpRequest, name: str) -> HttpResponse:
    """Say what is to be known of a model that this reader had made, and lead to the file."""
    by_id = int(request.user.pk or 0)
    told = given_out.told_of(by_id, name) if NAME.fullmatch(name) else None
    if told is None:
        raise Http404
    context = {
        "title": _("The model is made"),
        "trail": (
            (_("Assets"), reverse("network:assets")),
            (ExportNetwork.title, reverse("network:export")),
            (_("The model is made"), ""),
        ),
        "told": told,
        "shown": told["problems"][:PROBLEMS_SHOWN],
        "more": max(len(told["problems"]) - PROBLEMS_SHOWN, 0),
        "url": reverse("network:exported", args=[name]),
    }
    return render(request, "network/export_made.html", context)


@permissions.needs("network.export")
def exported(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """Answer with a file that this reader had made."""
    path = given_out.path_of(int(request.user.pk or 0), name) if NAME.fullmatch(name) else None
    if path is None or not path.is_file():
        raise Http404
    day = datetime.fromtimestamp(path.stat().st_mtime, tz=clock.local_zone()).date()
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"network-{day.isoformat()}{path.suffix}"
    )


@permissions.needs("network.edit")
def bring(request: HttpRequest) -> HttpResponse:
    """Lead to the page that takes a network file."""
    return HttpResponseRedirect(reverse("intake:bring", args=["network"]))
