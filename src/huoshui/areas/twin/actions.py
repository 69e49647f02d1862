"""Writes of the twin: one model run from the measurements of a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.areas.twin import models, rules
from huoshui.kernel import clock
from huoshui.lab import units
from huoshui.lab.hydraulics import epanet, metered_areas

STORAGE_WINDOW = timedelta(hours=1)
ACCURACY = 1e-4
USABLE = telemetry_contracts.Quality.DOUBTFUL

Demands = dict[str, list[tuple[float, str]]]


@dataclass(frozen=True)
class Measured:
    """What was measured near one moment, by asset code, or by the model's names."""

    flow_m3h: Mapping[str, float]
    level_m: Mapping[str, float]
    level_rate_ms: Mapping[str, float]
    pressure_m: Mapping[str, float]
    said: Mapping[str, dict[str, object]]

    def named(self, model: network_contracts.NetworkModel) -> Measured:
        """Return it by the model's names; what is not in the model is left out."""
        nodes = {code: name for name, code in model.nodes.items()}
        links = {code: name for name, code in model.links.items()}

        def of(known: Mapping[str, str], values: Mapping[str, float]) -> dict[str, float]:
            return {known[code]: value for code, value in values.items() if code in known}

        return Measured(
            flow_m3h=of(links, self.flow_m3h),
            level_m=of(nodes, self.level_m),
            level_rate_ms=of(nodes, self.level_rate_ms),
            pressure_m=of(nodes, self.pressure_m),
            said=self.said,
        )


def run_present(at: datetime) -> models.ModelRun | None:
    """Solve the network for ``at``; None where no network was imported or the run exists.

    A network that EPANET cannot solve makes a run with its problem and no figures.
    """
    model = None if models.ModelRun.objects.filter(at=at).exists() else network.network_model()
    if model is None:
        return None
    measured = _measured(at)
    run = models.ModelRun(
        at=at,
        ran_at=clock.real_now(),
        engine=f"EPANET {epanet.library_version()}",
        network_sha256=sha256(model.text.encode()).hexdigest(),
        inputs={"measured": measured.said, "areas": [], "assumed": dict(model.assumed)},
    )
    try:
        with epanet.EpanetProject(model.text) as project:
            _solve(project, model, measured.named(model), run)
            _keep_figures(project, model, measured, run)
    except epanet.EpanetRefused as problem:
        run.problem = str(problem)[:300]
    with transaction.atomic():
        if run.figures is not None:
            models.ModelRun.objects.filter(figures__isnull=False).update(figures=None)
        models.ModelRun.objects.filter(at__lt=at - rules.RUNS_KEPT).delete()
        run.save()
    return run


def _measured(at: datetime) -> Measured:
    by_kind: dict[str, dict[str, float]] = {"flow": {}, "level": {}, "pressure": {}}
    points = [point for point in telemetry.points() if point.asset_code and point.kind in by_kind]
    latest = telemetry.latest([point.code for point in points])
    said: dict[str, dict[str, object]] = {}
    for point in points:
        reading = latest.get(point.code)
        if reading is None or reading.value is None or reading.quality > USABLE:
            continue
        read_at = telemetry_contracts.from_us(reading.at_us)
        if not rules.is_fresh(read_at, now=at):
            continue
        by_kind[point.kind][str(point.asset_code)] = reading.value
        if point.kind != "pressure":
            said[point.code] = {
                "value": reading.value,
                "unit": point.unit,
                "at": read_at.isoformat(),
            }
    levels = [point for point in points if point.kind == "level"]
    return Measured(
        flow_m3h=by_kind["flow"],
        level_m=by_kind["level"],
        level_rate_ms=_level_rates(levels, at),
        pressure_m=by_kind["pressure"],
        said=said,
    )


def _level_rates(points: Sequence[telemetry_contracts.Point], at: datetime) -> dict[str, float]:
    """Return how fast each tank's level rises, by a line through its latest hour. [m s⁻¹]"""
    found = telemetry.readings([point.code for point in points], at - STORAGE_WINDOW, at)
    rates = {}
    for point in points:
        series = found.get(point.code)
        if series is None:
            continue
        kept = (series.quality <= USABLE) & np.isfinite(series.value)
        if kept.sum() >= 3:
            seconds = (series.at_us[kept] - series.at_us[kept][0]) / 1e6
            rates[str(point.asset_code)] = float(np.polyfit(seconds, series.value[kept], 1)[0])
    return rates


def _solve(
    project: epanet.EpanetProject,
    model: network_contracts.NetworkModel,
    measured: Measured,
    run: models.ModelRun,
) -> None:
    project.remove_controls()
    project.set_accuracy(ACCURACY)
    demands = _demands_at(project, run.at)
    project.set_demand_multiplier(1.0)
    project.set_times(duration_s=0, step_s=3600)
    factors, run.inputs["areas"] = _factors(project, measured, demands)
    project.set_demands(
        {
            node: [(base * factors[project.node(node)], "") for base, _pattern in wanted]
            for node, wanted in demands.items()
        }
    )
    for tank, level_m in measured.level_m.items():
        if tank in project.node_ids:
            project.set_tank_level(tank, level_m)
    pumps = {pump.code for pump in network.assets(kind="pump")}
    for name, code in model.links.items():
        if code in pumps and name in measured.flow_m3h and name in project.link_ids:
            runs = abs(measured.flow_m3h[name]) > rules.PUMP_RUNS_ABOVE_M3H
            project.set_link_open(name, is_open=runs)
    project.start()
    project.solve()


def _demands_at(project: epanet.EpanetProject, at: datetime) -> Demands:
    """Return the file's demands of a moment, patterns and the file's multiplier applied."""
    local, step_s = clock.local(at), project.pattern_step_s()
    whole = project.demand_multiplier()
    multipliers = {}
    for name in project.patterns:
        values = project.pattern_values(name)
        place = rules.pattern_place(local, periods=len(values), step_s=step_s)
        multipliers[name] = float(values[place])
    return {
        node: [(base * whole * multipliers.get(pattern, 1.0), "") for base, pattern in wanted]
        for node, wanted in project.base_demands_m3s().items()
    }


def _factors(
    project: epanet.EpanetProject, measured: Measured, demands: Demands
) -> tuple[NDArray[np.float64], list[dict[str, object]]]:
    """Return each node's demand factor, and what is said of the areas between the meters."""
    meters = [code for code in measured.flow_m3h if code in project.link_ids]
    links = [project.link(code) for code in meters]
    tanks = [code for code in measured.level_m if code in project.node_ids]
    areas = metered_areas.areas_between_meters(
        n_nodes=len(project.node_ids), link_nodes=project.link_nodes, metered_links=links
    )
    n_areas = int(areas.max()) + 1
    measured_m3s = metered_areas.measured_demand(
        area=areas,
        n_areas=n_areas,
        meter_nodes=project.link_nodes[links],
        flow_m3s=[measured.flow_m3h[code] * units.M3S_PER_M3H for code in meters],
        tank_area=[areas[project.node(code)] for code in tanks],
        storage_change_m3s=[_storage_change_m3s(project, measured, code) for code in tanks],
    )
    file_m3s = np.zeros(n_areas)
    for node, wanted in demands.items():
        file_m3s[areas[project.node(node)]] += sum(base for base, _pattern in wanted)
    by_area = np.ones(n_areas)
    said: list[dict[str, object]] = []
    for number in range(n_areas):
        around = [
            code
            for code, link in zip(meters, links, strict=True)
            if number in areas[project.link_nodes[link]]
        ]
        if file_m3s[number] <= 0 or not around:
            continue
        factor = rules.demand_factor(
            measured_m3s=float(measured_m3s[number]), file_m3s=float(file_m3s[number])
        )
        by_area[number] = 1.0 if factor is None else factor
        said.append({"meters": around, "factor": factor})
    return by_area[areas], said


def _storage_change_m3s(project: epanet.EpanetProject, measured: Measured, tank: str) -> float:
    rate_ms = measured.level_rate_ms.get(tank, float("nan"))
    return rate_ms * np.pi / 4 * project.tank_diameter_m(tank) ** 2


def _keep_figures(
    project: epanet.EpanetProject,
    model: network_contracts.NetworkModel,
    measured: Measured,
    run: models.ModelRun,
) -> None:
    flows_m3h = project.flows_m3s() / units.M3S_PER_M3H
    velocities_ms = project.velocities_ms()
    pressures_m = project.pressures_m()
    links = [model.links.get(name, name) for name in project.link_ids]
    nodes = [model.nodes.get(name, name) for name in project.node_ids]
    run.figures = {
        "links": {
            code: [round(float(flow), 3), round(float(velocity), 3)]
            for code, flow, velocity in zip(links, flows_m3h, velocities_ms, strict=True)
        },
        "nodes": {
            code: round(float(pressure), 3)
            for code, pressure in zip(nodes, pressures_m, strict=True)
        },
    }
    errors_m = [
        abs(run.figures["nodes"][code] - value)
        for code, value in measured.pressure_m.items()
        if code in run.figures["nodes"]
    ]
    run.sensors = len(errors_m)
    run.pressure_error_m = float(np.mean(errors_m)) if errors_m else None
    for area in run.inputs["areas"]:
        area["meters"] = [model.links.get(name, name) for name in area["meters"]]
