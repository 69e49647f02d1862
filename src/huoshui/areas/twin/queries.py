"""Reads of the twin."""

from __future__ import annotations

from django.db.models import QuerySet

from huoshui.areas.twin import contracts, models


def runs() -> QuerySet[models.ModelRun]:
    """Return all runs without their figures."""
    return models.ModelRun.objects.defer("figures")


def newest_run() -> models.ModelRun | None:
    """Return the newest run that has a solution, with its figures."""
    return models.ModelRun.objects.filter(figures__isnull=False).order_by("-at").first()


def present() -> contracts.Present | None:
    """Return the newest run as others see it, or None before the first."""
    run = newest_run()
    if run is None or run.figures is None:
        return None
    links = {
        code: contracts.Link(flow_m3h=flow, velocity_ms=velocity)
        for code, (flow, velocity) in run.figures["links"].items()
    }
    return contracts.Present(
        run_id=run.pk,
        at=run.at,
        engine=run.engine,
        pressure_error_m=run.pressure_error_m,
        links=links,
        pressures_m=run.figures["nodes"],
    )
