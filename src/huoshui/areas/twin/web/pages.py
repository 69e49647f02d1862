"""Pages of the twin: its runs, and one run opened to its inputs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.twin import models, queries
from huoshui.kernel.pages import formats, kit


class Runs(kit.ListPage):
    """All model runs with how well they met the sensors."""

    title = _("Model runs")
    permission = "twin.read"
    url_name = "twin:runs"
    columns = (
        kit.Column(
            "at",
            _("Stands for"),
            format="moment",
            href=lambda row: reverse("twin:run", args=[row.pk]),
        ),
        kit.Column("pressure_error_m", _("Mean pressure error"), format=".2f", unit="m"),
        kit.Column("sensors", _("Sensors compared"), format="d"),
        kit.Column("engine", _("Solver"), phone=False),
        kit.Column("problem", _("Problem")),
    )
    filters = (kit.PeriodFilter("at", _("Period")),)
    default_sort = "-at"
    empty = _("No run yet. The model runs every quarter of an hour once a network is imported.")

    def rows(self, request: HttpRequest) -> QuerySet[models.ModelRun]:
        return queries.runs()


class RunPage(kit.DetailPage):
    """One run: result, inputs, demand factors, assumptions."""

    permission = "twin.read"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.ModelRun:
        run = queries.runs().filter(pk=kwargs["run_id"]).first()
        if run is None:
            raise Http404
        return run

    def heading(self, request: HttpRequest, obj: models.ModelRun) -> Any:
        return _("Model run")

    def trail(self, request: HttpRequest, obj: models.ModelRun) -> list[tuple[Any, str]]:
        return [(_("Model runs"), reverse("twin:runs"))]

    def facts(self, request: HttpRequest, obj: models.ModelRun) -> list[kit.Section]:
        measured = [
            kit.Fact(
                code,
                value["value"],
                value["unit"],
                format=".2f",
                note=formats.moment(datetime.fromisoformat(value["at"])),
            )
            for code, value in sorted(obj.inputs.get("measured", {}).items())
        ]
        areas = [
            kit.Fact(
                _("Demand factor of the area fed through %(meters)s")
                % {"meters": formats.listed(area["meters"])},
                area["factor"] if area["factor"] is not None else _("not known, 1 assumed"),
                format=".3f" if area["factor"] is not None else "",
            )
            for area in obj.inputs.get("areas", [])
        ]
        return [
            kit.Section(
                pgettext_lazy("model run", "Result"),
                [
                    kit.Fact(_("Stands for"), obj.at, format="moment"),
                    kit.Fact(_("Mean pressure error"), obj.pressure_error_m, "m", format=".2f"),
                    kit.Fact(_("Sensors compared"), obj.sensors),
                    kit.Fact(_("Solver"), obj.engine),
                    kit.Fact(_("Network file"), obj.network_sha256[:12]),
                    kit.Fact(_("Problem"), obj.problem),
                ],
            ),
            kit.Section(_("Measurements used"), measured),
            kit.Section(_("Demand"), areas),
            kit.Section(
                _("How it is made"),
                [
                    kit.Fact(
                        _("Method"),
                        _(
                            "The demands of the network file are multiplied, area by area, until "
                            "they equal the inflow that the meters measured, less what tanks took "
                            "up; tank levels and pump states are set as measured; EPANET solves "
                            "the network once. The error is the mean absolute difference between "
                            "solved and measured pressure."
                        ),
                    )
                ],
            ),
        ]
