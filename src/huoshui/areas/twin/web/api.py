"""The JSON API of the twin."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from huoshui.areas.network import facade as network
from huoshui.areas.twin import queries
from huoshui.kernel.accounts import permissions

router = Router()


class Figures(Schema):
    """One figure of many assets, by the asset's number; empty before the first run."""

    values: dict[int, float]
    at: datetime | None
    unit: str
    run_id: int | None
    engine: str
    pressure_error_m: float | None


@router.get(
    "/present",
    response=Figures,
    auth=permissions.api("twin.read"),
    url_name="twin-present",
)
def present(request: HttpRequest, of: Literal["flow", "velocity", "pressure"] = "flow") -> Figures:
    """Return the newest model run: link flows [m³/h], velocities [m/s] or node pressures [m].

    Flow is positive from a link's start to its end. These are a model's values, not measurements;
    ``pressure_error_m`` is its mean absolute difference to the pressure sensors.
    """
    unit = {"flow": "m³/h", "velocity": "m/s", "pressure": "m"}[of]
    found = queries.present()
    if found is None:
        return Figures(values={}, at=None, unit=unit, run_id=None, engine="", pressure_error_m=None)
    by_code: dict[str, float]
    if of == "pressure":
        by_code = dict(found.pressures_m)
    elif of == "flow":
        by_code = {code: link.flow_m3h for code, link in found.links.items()}
    else:
        by_code = {code: link.velocity_ms for code, link in found.links.items()}
    values = {one.id: by_code[one.code] for one in network.assets() if one.code in by_code}
    return Figures(
        values=values,
        at=found.at,
        unit=unit,
        run_id=found.run_id,
        engine=found.engine,
        pressure_error_m=found.pressure_error_m,
    )
