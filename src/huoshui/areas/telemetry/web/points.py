"""The pages of points: the list, one point, several compared."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts, models, queries, queries_alarms
from huoshui.areas.telemetry.web import api, corrections, marks, point_settings, words
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit


@dataclass(frozen=True)
class PointRow:
    """One line of the list of points."""

    pk: int
    code: str
    name: str
    kind: str
    unit: str
    decimals: int
    zone: str
    asset: str
    value: float | None
    at: datetime | None
    quality: int | None
    alarm: str
    url: str


def point_rows() -> list[PointRow]:
    """Return all points with their newest values and the worst state of their alarms."""
    spoken = api.language()
    newest = queries.latest()
    standing = standing_states()
    return [
        row_of(point, newest.get(point.code), standing.get(point.code, ""), spoken)
        for point in queries.points()
    ]


def row_of(
    point: contracts.Point, newest: contracts.Latest | None, alarm: str, spoken: str
) -> PointRow:
    return PointRow(
        pk=point.id,
        code=point.code,
        name=point.name(spoken),
        kind=point.kind,
        unit=point.unit,
        decimals=point.decimals,
        zone=point.zone_code or "",
        asset=point.asset_code or "",
        value=newest.value if newest else None,
        at=contracts.from_us(newest.at_us) if newest else None,
        quality=int(newest.quality) if newest else None,
        alarm=alarm,
        url=reverse("telemetry:point", args=[point.code]),
    )


def standing_states() -> dict[str, str]:
    """Return for each point with standing alarms whether one of them waits for somebody."""
    rows = models.Alarm.objects.standing().filter(point__isnull=False)
    found: dict[str, str] = {}
    for code, acknowledged_at in rows.values_list("point__code", "acknowledged_at"):
        if acknowledged_at is None:
            found[code] = "active"
        else:
            found.setdefault(code, "acknowledged")
    return found


def live_clock() -> dict[str, Any]:
    """Return what the live-values island needs to tell how old a value is."""
    return {"now_ms": int(clock.now().timestamp() * 1000), "speed": clock.speed()}


def live_cell(code: str, part: str, inner: Any, **data: Any) -> SafeString:
    """Return a place that the live-values island keeps up to date."""
    attributes = format_html_join("", ' data-{}="{}"', data.items())
    return format_html(
        '<span data-live-point="{}"><span data-live="{}"{}>{}</span></span>',
        code,
        part,
        attributes,
        inner,
    )


def value_cell(row: PointRow) -> SafeString:
    """Return the newest value with its unit, kept up to date."""
    shown = formats.number(row.value, f".{row.decimals}f")
    cell = live_cell(row.code, "value", shown, decimals=row.decimals)
    return format_html("<span>{} <small>{}</small></span>", cell, row.unit)


def age_cell(row: PointRow) -> SafeString:
    """Return how long ago the newest value was measured, kept up to date."""
    if row.at is None:
        return live_cell(row.code, "age", formats.NOTHING)
    age = gettext("%(span)s ago") % {"span": formats.duration(max(clock.now() - row.at, ZERO))}
    return live_cell(row.code, "age", age, at=int(row.at.timestamp() * 1000))


ZERO = timedelta(0)


def quality_cell(row: PointRow) -> SafeString:
    """Return the quality flag of the newest value, kept up to date."""
    if row.quality is None:
        return SafeString(formats.NOTHING)
    label, colour = words.QUALITIES[row.quality]
    return format_html(
        '<span data-live-point="{}"><span data-live="quality" class="badge hs-badge bg-{}-lt">'
        "{}</span></span>",
        row.code,
        colour,
        label,
    )


class LiveColumn(kit.Column):
    """A column whose cells follow the live values; exports get the plain value."""

    def cell(self, row: Any) -> SafeString:
        """Return the cell that the island knows how to change."""
        draw = {"value": value_cell, "at": age_cell, "quality": quality_cell}
        return draw[self.key](row)


class Points(kit.ListPage):
    """All points with their newest values, which change while one looks."""

    title = _("Points")
    permission = "telemetry.read"
    url_name = "telemetry:points"
    template = "telemetry/points.html"
    columns: Sequence[kit.Column] = (
        kit.Column("code", _("Code"), href=lambda row: row.url),
        kit.Column("name", _("Name")),
        kit.Column("kind", _("Kind"), labels=words.KINDS, phone=False),
        LiveColumn("value", _("Newest value"), align="end"),
        LiveColumn("at", _("Measured"), format="moment"),
        LiveColumn("quality", _("Quality"), badge=words.QUALITIES),
        kit.Column("zone", _("Zone"), labels=network.zone_names),
        kit.Column("alarm", _("Alarm"), badge=words.ALARM_STATES),
    )
    search = ("code", "name", "asset")
    search_hint = _("Code, name, asset")
    filters = (
        kit.ChoiceFilter("kind", _("Kind"), choices=tuple(words.KINDS.items())),
        kit.ChoiceFilter("zone", _("Zone"), choices=lambda: list(network.zone_names().items())),
        kit.ChoiceFilter(
            "quality",
            _("Quality"),
            choices=tuple((str(int(code)), label) for code, (label, _c) in words.QUALITIES.items()),
        ),
        kit.ChoiceFilter(
            "alarm",
            _("Alarm"),
            choices=tuple(
                (code, words.ALARM_STATES[code][0]) for code in ("active", "acknowledged")
            ),
        ),
    )
    bulk = (
        kit.BulkAction(
            "change",
            _("Change many points"),
            point_settings.for_change,
            permission=point_settings.CHANGE,
            icon="edit",
        ),
    )
    default_sort = "code"
    empty = _("No points yet. Import a network and declare its points, or start the demo.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        if request.GET.get("format") == "xlsx":
            # On the page the unit stands beside the value; in a sheet it has a column.
            self.columns = (*self.columns, kit.Column("unit", _("Unit")))

    def rows(self, request: HttpRequest) -> list[PointRow]:
        """Return all points."""
        return point_rows()

    def row_css(self, row: PointRow) -> str:
        """Mark points with an alarm that waits."""
        return "hs-row-alert" if row.alarm == "active" else ""

    def context(self, rows: Any) -> dict[str, Any]:
        """Add the city's clock for the ages."""
        return {**super().context(rows), "live": live_clock()}


@functools.cache
def warm_up() -> None:
    """Load the libraries of the store beside the page, so that its first chart need not wait."""
    threading.Thread(target=queries.reader, name="warm-up", daemon=True).start()


def trend(
    codes: Sequence[str], *, fixed: bool, span: str = "week", may_annotate: bool = False
) -> dict[str, Any]:
    """Return what the trend chart of these points needs."""
    warm_up()
    newest = queries.latest(list(codes)) if codes else {}
    latest_us = max((one.at_us for one in newest.values()), default=None)
    until = clock.now() if latest_us is None else contracts.from_us(latest_us)
    return {
        "points": list(codes),
        "fixed": fixed,
        "span": span,
        "may_annotate": may_annotate,
        "until_ms": int(until.timestamp() * 1000),
        "urls": {
            "chart": reverse("api:telemetry-chart"),
            "band": reverse("api:telemetry-band"),
            "inputs": reverse("api:telemetry-band-inputs"),
            "alarms": reverse("api:telemetry-alarm-marks"),
            "points": reverse("api:telemetry-points"),
            "export": reverse("telemetry:export"),
            "formula": reverse("api:telemetry-formula"),
            "remarks": reverse("api:telemetry-remarks"),
        },
    }


class PointPage(kit.DetailPage):
    """One point: its newest value, its trend, its facts and limits, its alarms."""

    permission = "telemetry.read"
    template = "telemetry/point.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> contracts.Point:
        """Return the point, or refuse with `telemetry.no_such_point`."""
        return queries.point(kwargs["code"])

    def heading(self, request: HttpRequest, obj: contracts.Point) -> str:
        """Name the point."""
        return obj.name(api.language())

    def badges(self, request: HttpRequest, obj: contracts.Point) -> Sequence[SafeString]:
        """Show whether an alarm stands."""
        state = standing_states().get(obj.code)
        return (kit.badge(*words.ALARM_STATES[state]),) if state else ()

    def trail(self, request: HttpRequest, obj: contracts.Point) -> Sequence[tuple[Any, str]]:
        """Lead back to all points."""
        return ((_("Points"), reverse("telemetry:points")),)

    def actions(self, request: HttpRequest, obj: contracts.Point) -> Sequence[SafeString]:
        """Lead to the comparison with others."""
        url = f"{reverse('telemetry:trends')}?points={obj.code}"
        found = [kit.link_button(gettext("Compare"), url, icon="chart-line")]
        if permissions.holds(request.user, point_settings.CHANGE):
            change = reverse("telemetry:change-point", args=[obj.code])
            found.append(kit.link_button(gettext("Change"), change, icon="edit"))
        if permissions.holds(request.user, corrections.CORRECT):
            correct = reverse("telemetry:correct", args=[obj.code])
            found.append(kit.link_button(gettext("Correct readings"), correct))
        if permissions.holds(request.user, "telemetry.out_of_service"):
            out = reverse("telemetry:take-out", args=[obj.code])
            found.append(kit.link_button(gettext("Out of service"), out, icon="tools"))
        return found

    def facts(self, request: HttpRequest, obj: contracts.Point) -> Sequence[kit.Section]:
        """Say what the point is, and its limits."""
        how = f".{obj.decimals}f"
        asset, zone = obj.asset_code, obj.zone_code
        every = formats.duration(obj.expected_every_s) if obj.expected_every_s else None
        may_set = permissions.holds(request.user, "telemetry.set_limits")

        def limit(label: Any, side: str) -> kit.Fact:
            """A limit that leads to its change, for those who may ask for one."""
            url = f"{reverse('telemetry:set-limit')}?point={obj.code}&side={side}"
            value = getattr(obj, side)
            shown = value if value is not None or not may_set else gettext("not set")
            return kit.Fact(
                label,
                shown,
                obj.unit if value is not None else "",
                format=how if value is not None else "",
                href=url if may_set else "",
            )

        return (
            kit.Section(
                _("Point"),
                (
                    kit.Fact(_("Code"), obj.code),
                    kit.Fact(_("Kind"), words.KINDS[obj.kind]),
                    kit.Fact(
                        _("Asset"),
                        asset,
                        href=reverse("network:asset", args=[asset]) if asset else "",
                    ),
                    kit.Fact(
                        _("Zone"),
                        network.zone_names().get(zone, zone) if zone else None,
                        href=reverse("network:zone", args=[zone]) if zone else "",
                    ),
                    kit.Fact(_("A reading is expected every"), every),
                ),
            ),
            kit.Section(
                _("Limits"),
                (
                    limit(_("Far too high"), "limit_high_high"),
                    limit(_("Too high"), "limit_high"),
                    limit(_("Too low"), "limit_low"),
                    limit(_("Far too low"), "limit_low_low"),
                    kit.Fact(_("Instrument measures from"), obj.range_min, obj.unit, format=how),
                    kit.Fact(_("Instrument measures to"), obj.range_max, obj.unit, format=how),
                ),
            ),
            point_settings.section_of(obj),
            *filter(None, (marks.section_of(obj.id), corrections.section_of(obj.code))),
        )

    def context(self, request: HttpRequest, obj: contracts.Point) -> dict[str, Any]:
        """Add the newest value, the trend and the latest alarms."""
        newest = queries.latest([obj.code]).get(obj.code)
        row = row_of(obj, newest, "", api.language())
        rows = models.Alarm.objects.filter(point_id=obj.id).select_related("point", "suppression")
        alarms = [
            {
                **api.alarm_answer(one),
                "badge": kit.badge(*words.ALARM_STATES[queries_alarms.state_of(one)]),
            }
            for one in rows.order_by("-raised_at")[:8]
        ]
        return {
            "value": value_cell(row),
            "age": age_cell(row),
            "quality": quality_cell(row),
            "live": live_clock(),
            "trend": trend(
                [obj.code],
                fixed=True,
                may_annotate=permissions.holds(request.user, "telemetry.annotate"),
            ),
            "alarms": alarms,
        }
