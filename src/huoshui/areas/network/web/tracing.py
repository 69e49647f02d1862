"""The page of a trace: what it found, where it stopped, and by which rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import choices, contracts, geo, queries, small_map, tracing
from huoshui.areas.network.contracts import TraceDirection
from huoshui.areas.network.web.assets import end_of_day
from huoshui.areas.network.web.shown import asset_url
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats

SHOWN_MAX = 300
FEATURES_MAX = 5000

DIRECTIONS: Mapping[str, tuple[Any, Any]] = {
    TraceDirection.SEGMENT: (
        _("Valves to close"),
        _("All that is joined to the asset without passing a valve that can be closed, and the "
          "valves around it. Seized, covered and lost valves are passed over."),
    ),
    TraceDirection.DOWN: (
        _("Loses its water"),
        _("Everything that has water now and none when the asset is shut: no way from any source "
          "is left. In a meshed network this is often only the asset itself."),
    ),
    TraceDirection.LIKELY: (
        _("Likely fed through it"),
        _("Everything whose easiest way from a source passes the asset. The way is judged by "
          "length and diameter; no flow is calculated, so part of the water may come another way."),
    ),
    TraceDirection.UP: (
        _("Way from the sources"),
        _("The easiest way from each source that reaches the asset, judged by length and "
          "diameter."),
    ),
}  # fmt: skip

RULES = (
    _("Sources are the water sources and tanks in use; nobody has to name them."),
    _("Valves that stand closed stop the water: by the last turn reported, else by their normal "
      "state. A valve nobody ever reported counts as open."),
    _("Planned and abandoned assets carry no water."),
    _("Customers are counted by the connections of the pipes that were found."),
)  # fmt: skip


@permissions.needs("network.read")
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one trace from an asset."""
    wanted = request.GET.get("direction", "")
    direction = TraceDirection(wanted) if wanted in DIRECTIONS else TraceDirection.SEGMENT
    at = end_of_day(request.GET)
    found = tracing.trace(code, direction, at=at)
    if found is None:
        raise Http404
    row = queries.asset_by_code(code)
    props = small_map.of_asset(queries.as_contract(row)) if row else None
    if props is not None:
        features = found.features[:FEATURES_MAX]
        bounds = geo.bounds_of([one["geometry"] for one in features])
        props = {**props, "features": features, "bounds": bounds or props["bounds"]}
    context = {
        "title": _("Trace from %(code)s") % {"code": code},
        "trail": (
            (_("Assets"), reverse("network:assets")),
            (code, asset_url(code)),
            (_("Trace"), ""),
        ),
        "tabs": [
            {
                "label": label,
                "url": f"?direction={name}" + (f"&at={request.GET['at']}" if at else ""),
                "active": name == direction,
            }
            for name, (label, _words) in DIRECTIONS.items()
        ],
        "meaning": DIRECTIONS[direction][1],
        "rules": RULES,
        "found": found,
        "at": request.GET.get("at", "") if at else "",
        "direction": direction,
        "counts": _counts(found),
        "problems": [choices.TRACE_PROBLEMS[one.code] for one in found.problems],
        "stops": [
            {
                "code": stop.code,
                "url": asset_url(stop.code),
                "state": _("Fully closed") if stop.is_closed else _("Not closed"),
                "operability": choices.OPERABILITIES[stop.operability],
            }
            for stop in found.stops[:SHOWN_MAX]
        ],
        "assets": [{"code": one, "url": asset_url(one)} for one in found.codes[:SHOWN_MAX]],
        "more": max(0, len(found.codes) - SHOWN_MAX),
        "map_props": props,
    }
    return render(request, "network/trace.html", context)


def _counts(found: contracts.Trace) -> list[tuple[Any, str, Any]]:
    """Return what was found as (label, number, unit)."""
    counted = [
        (choices.KINDS[kind], formats.text(number, "d"), "")
        for kind, number in sorted(found.counts.items())
    ]
    return [
        *counted,
        (_("Length of pipes"), formats.text(found.pipes_length_m / 1000, ".2f"), "km"),
        (_("Service connections"), formats.text(found.connections, "d"), ""),
        (_("Customers"), formats.text(found.customers, "d"), ""),
        (_("Their yearly use"), formats.text(found.annual_use_m3, ",.0f"), "m³"),
    ]
