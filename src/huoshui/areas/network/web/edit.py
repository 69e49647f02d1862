"""Importing a network file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import actions, geo
from huoshui.areas.network.importing import inp
from huoshui.areas.network.importing import problems as explaining
from huoshui.kernel.pages import kit

LONLAT, EPSG, GRID = "lonlat", "epsg", "grid"


class ImportForm(forms.Form):
    """A network file and what its coordinates mean."""

    file = forms.FileField(
        label=_("Network file"), help_text=_("EPANET input file (.inp), any units, up to 50 MB.")
    )
    system = forms.ChoiceField(
        label=_("Coordinates"),
        choices=(
            (EPSG, _("A national system, by its EPSG number")),
            (LONLAT, _("Longitude and latitude (WGS 84)")),
            (GRID, _("A local grid in metres")),
        ),
    )
    epsg = forms.IntegerField(
        label=_("EPSG number"),
        required=False,
        help_text=_("For example 4547: CGCS2000, three-degree zone at 114° east."),
    )
    lon = forms.FloatField(
        label=_("Longitude of the grid's origin"), required=False, min_value=-180, max_value=180
    )
    lat = forms.FloatField(
        label=_("Latitude of the grid's origin"), required=False, min_value=-85, max_value=85
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = {EPSG: ("epsg",), GRID: ("lon", "lat")}.get(given.get("system", ""), ())
        for name in needed:
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, _("Needed for these coordinates."))
        return given

    def crs(self) -> str:
        """Return the coordinate system that the answers describe."""
        given = self.cleaned_data
        if given["system"] == LONLAT:
            return "EPSG:4326"
        if given["system"] == EPSG:
            return f"EPSG:{given['epsg']}"
        return geo.local_grid(lon=given["lon"], lat=given["lat"])


class ImportNetwork(kit.FormPage):
    """Import an EPANET network file and show what became of it."""

    title = _("Import a network")
    permission = "network.edit"
    form_class = ImportForm
    submit_label = _("Import")
    explanation = _(
        "Known assets are changed, new ones are made, others are kept. Zones, materials and years "
        "stay as they are. If the file is not usable, nothing is changed and you see why."
    )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Assets"), reverse("network:assets")), (self.title, ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("network:assets")

    def submit(self, request: HttpRequest, form: ImportForm) -> HttpResponse:
        upload = form.cleaned_data["file"]
        # One byte more than allowed is enough to see that it is too much.
        report = actions.import_inp(
            upload.read(inp.MAX_BYTES + 1),
            file_name=upload.name,
            crs=form.crs(),
            by_id=request.user.pk,
        )
        problems = [
            {
                "words": explaining.TABLE[problem.code].words,
                "section": problem.section,
                "text": problem.text,
                "fatal": problem.fatal,
            }
            for problem in report.problems
        ]
        context = {
            "title": _("Imported") if report.ok else _("Not imported"),
            "trail": self.trail(request),
            "report": report,
            "problems": problems,
        }
        status = 200 if report.ok else 422
        return render(request, "network/import_report.html", context, status=status)
