"""The only door to telemetry for other areas, connectors and the demo city."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from huoshui.areas.telemetry import (
    actions,
    connector_health,
    contracts,
    queries,
    queries_alarms,
    queries_rules,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from huoshui.areas.telemetry.ingest import Historian
    from huoshui.areas.telemetry.naming import HandingIn, NameFollower
    from huoshui.areas.telemetry.receiving import Receiving


def declare_points(
    declarations: Iterable[contracts.PointDeclaration], by_id: int | None
) -> contracts.DeclareReport:
    """Declare points once. The same declaration again changes nothing; another one is a change.

    Refuses with ``telemetry.points_not_declarable`` listing every fault. Audited.
    """
    return actions.declare_points(declarations, by_id)


def point_ids() -> dict[str, int]:
    """Return the store's number of every declared point by its code."""
    return queries.point_ids()


def points(
    codes: Sequence[str] | None = None,
    *,
    kind: str | None = None,
    asset_code: str | None = None,
    zone_code: str | None = None,
) -> list[contracts.Point]:
    """Return points ordered by code; every given condition must hold."""
    return queries.points(codes, kind=kind, asset_code=asset_code, zone_code=zone_code)


def point(code: str) -> contracts.Point:
    """Return one point, or refuse with ``telemetry.no_such_point`` (404)."""
    return queries.point(code)


def open_historian() -> Historian:
    """Open the store for writing: for the ingest process only, one at a time.

    The caller gives it to the connectors (``accept``, ``accept_many``, ``ids``,
    ``note_unknown``), runs :func:`run_ingest` beside them and closes it at the end. Refuses with
    ``telemetry.historian_already_open`` while another process writes.
    """
    # The libraries behind the store are heavy; only the ingest process needs them for writing.
    from huoshui.areas.telemetry import keeping

    return keeping.open_historian()


def run_ingest(historian: Historian, should_stop: Callable[[float], bool]) -> None:
    """Keep the store in order until ``should_stop(wait_s)`` says so; ``Event.wait`` fits."""
    from huoshui.areas.telemetry import keeping

    keeping.run_ingest(historian, should_stop)


def hand_in(
    batches: Sequence[contracts.Batch], *, by_id: int | None = None, wait_s: float = 0.0
) -> contracts.Handed:
    """Hand readings over to the ingest process, from any other process, durably.

    Returns when they are synced to disk; they are stored, in order and once, as soon as ingest
    runs. With ``wait_s`` it waits so long for that. Audited when ``by_id`` names a person. Raises
    ``telemetry.journal_unavailable`` when nothing was kept.
    """
    from huoshui.areas.telemetry import handing

    return handing.hand_in(batches, by_id=by_id, wait_s=wait_s)


def readings(
    codes: Sequence[str],
    from_at: datetime,
    until: datetime,
    *,
    step_s: int | None = None,
    version: str = "corrected",
) -> dict[str, contracts.Series]:
    """Return deduplicated readings of each code in [from_at, until), lake and journal together.

    They are given as corrected, or with the ``version`` "raw" as they came.
    With ``step_s`` each step's usable readings (not bad, not missing) become their mean, at the
    step's beginning counted from ``from_at``, with the worst quality among them.
    """
    return queries.readings(codes, from_at, until, step_s=step_s, version=version)


def correct(
    code: str,
    from_at: datetime,
    until: datetime,
    *,
    how: str,
    reason: str,
    by_id: int,
    value: float | None = None,
    offset: float = 0.0,
) -> contracts.Correction:
    """Correct what is seen of a point's readings in [from_at, until). See ``correcting.correct``.

    ``how`` is value, scale, interpolate, bad, good or restore. Needs ``telemetry.correct``, which
    pages and API check. Publishes ``ReadingsCorrected``.
    """
    from huoshui.areas.telemetry import correcting

    return correcting.correct(
        code, from_at, until, how=how, reason=reason, by_id=by_id, value=value, offset=offset
    )


def undo_correction(number: int, by_id: int) -> contracts.Correction:
    """Undo a correction: what it changed is seen as before. Publishes ``ReadingsCorrected``."""
    from huoshui.areas.telemetry import correcting

    return correcting.undo(number, by_id)


def corrections(code: str | None = None) -> list[contracts.Correction]:
    """Return the corrections of a point, or all, the latest first, undone ones among them."""
    from huoshui.areas.telemetry import correcting

    return correcting.corrections(code)


def remark(
    code: str, text: str, *, from_at: datetime, until: datetime | None = None, by_id: int
) -> int:
    """Leave a remark on a point's trend; return its number. Audited."""
    from huoshui.areas.telemetry.trends import remarks

    return int(remarks.write(code, text, from_at=from_at, until=until, by_id=by_id).pk)


def hourly(
    codes: Sequence[str], from_at: datetime, until: datetime
) -> dict[str, contracts.HourlySeries]:
    """Return the UTC hours of each code that begin in [from_at, until)."""
    return queries.hourly(codes, from_at, until)


def hourly_sums(
    groups: Mapping[str, Sequence[str]], from_at: datetime, until: datetime
) -> dict[str, contracts.SumSeries]:
    """Return for each group of codes the sum of its points' hourly means, hour by hour.

    Straight from the readings of [from_at, until), corrected and deduplicated, in constant memory:
    the use of all customers of 200 zones in a night of twelve million readings takes half a second.
    A code belongs to one group. Refuses unknown codes with ``telemetry.no_such_point``.
    """
    return queries.hourly_sums(groups, from_at, until)


def daily_means(
    codes: Sequence[str], starts: Sequence[datetime], hours: int
) -> dict[str, NDArray[np.float64]]:
    """Return the mean of each code in the ``hours`` whole hours from each start; NaN for none.

    From the hourly roll-ups: the night flows of 200 zones over a year take a third of a second.
    Starts ascend, and windows do not overlap.
    """
    return queries.daily_means(codes, starts, hours)


def latest(codes: Sequence[str] | None = None) -> dict[str, contracts.Latest]:
    """Return the newest reading of each code that has one (all codes when None)."""
    return queries.latest(codes)


def newest_sound(code: str, at: datetime, *, within: timedelta) -> float | None:
    """Return the newest reading of a point if it is near the moment and not bad, else None."""
    found = latest([code]).get(code) if code and points([code]) else None
    if found is None or found.value is None or found.quality >= contracts.Quality.BAD:
        return None
    return found.value if abs(at - contracts.from_us(found.at_us)) <= within else None


def latest_since(change: int) -> tuple[int, list[contracts.Latest]]:
    """Return the newest change number and the values that changed after ``change``.

    For live streams: begin with 0 to get everything, then hand back the number received.
    """
    return queries.latest_since(change)


def chart(
    code: str, from_at: datetime, until: datetime, max_points: int = 2000
) -> contracts.ChartSeries:
    """Return one point's readings in [from_at, until) reduced to at most ``max_points``."""
    return queries.chart(code, from_at, until, max_points)


def raise_deviation(
    *,
    code: str,
    message: str,
    at: datetime,
    point_code: str | None = None,
    zone_code: str | None = None,
    size: float | None = None,
    unit: str = "",
    data: dict[str, object] | None = None,
) -> contracts.Alarm:
    """Raise the deviation alarm ``code`` of a point or a zone, or return the standing one.

    ``code`` tells deviations of one subject apart ("leakage.night_flow"). ``message`` is an English
    msgid (mark it with ``gettext_noop``) whose %(name)s places are filled from ``data``, ``size``
    and ``unit`` when it is shown. Publishes ``AlarmRaised`` when new.
    """
    return actions.raise_deviation(
        code=code,
        message=message,
        at=at,
        point_code=point_code,
        zone_code=zone_code,
        size=size,
        unit=unit,
        data=data,
    )


def clear_deviation(
    *, code: str, at: datetime, point_code: str | None = None, zone_code: str | None = None
) -> bool:
    """Clear that deviation alarm; False when none stands. Publishes ``AlarmCleared``."""
    return actions.clear_deviation(code=code, at=at, point_code=point_code, zone_code=zone_code)


def standing_alarms() -> list[contracts.Alarm]:
    """Return the alarms not cleared yet, the most pressing first."""
    return queries.standing_alarms()


def acknowledge_alarm(alarm_id: int, by_id: int) -> contracts.Alarm:
    """Acknowledge a standing alarm as this person. See ``actions.acknowledge_alarm``."""
    return actions.acknowledge_alarm(alarm_id, by_id)


def acknowledge_many(alarm_ids: Iterable[int], by_id: int) -> int:
    """Acknowledge those of these alarms that wait for it; return how many."""
    return actions.acknowledge_many(alarm_ids, by_id)


def shelve_alarms(
    alarm_ids: Iterable[int], *, until: datetime, reason: str, by_id: int
) -> list[int]:
    """Silence alarms until a moment; return the shelvings. See ``actions.shelve``."""
    made = actions.shelve(alarm_ids, until=until, reason=reason, by_id=by_id)
    return [row.pk for row in made]


def alarm_spans(
    codes: Sequence[str], from_at: datetime, until: datetime
) -> list[queries_alarms.AlarmSpan]:
    """Return when alarms of these points stood within [from_at, until), the newest first."""
    return queries_alarms.alarm_spans(codes, from_at, until)


def save_alarm_rule(facts: Mapping[str, object], by_id: int | None) -> str:
    """Make an alarm rule or change the one of the same code; return the code.

    ``facts`` are the columns of the rules' spreadsheet, with ``point_id``, ``reference_id`` and
    ``zone_id`` for what they name. Refuses with ``telemetry.rule_not_usable``. Audited.
    """
    return actions.save_rule(facts, by_id).code


def alarm_rule_codes() -> list[str]:
    """Return the codes of all alarm rules, drafts and retired ones among them."""
    return queries_rules.codes()


def report_connector(health: contracts.ConnectorHealth) -> None:
    """Keep what a connector says about itself, for the health page; the latest report counts."""
    connector_health.keep(health)


def connected_sources(since: datetime) -> set[str]:
    """Return the codes of the sources that said so since then; ``since`` is of the real clock.

    What is sent to a connected source arrives; before, a broker may know nobody to give it to.
    """
    return {
        one.name
        for one in connector_health.reports()
        if one.state == "connected" and one.reported_at >= since
    }


# Sources ----------------------------------------------------------------------------------


def sources(*, with_secrets: bool = False) -> list[contracts.Source]:
    """Return the sources that are set up, and the broker of the settings."""
    from huoshui.areas.telemetry import sources as source_table

    return source_table.sources(with_secrets=with_secrets)


def source(code: str) -> contracts.Source | None:
    """Return one source that was set up on the page, or None."""
    from huoshui.areas.telemetry import sources as source_table

    return source_table.source(code)


def keep_source(
    code: str, connector: str, *, title: str, options: Mapping[str, object], by_id: int
) -> None:
    """Set up a source that needs no secrets, unless there is one of this code. Audited."""
    from huoshui.areas.telemetry import source_actions

    if source(code) is None:
        source_actions.save_source(
            code=code, connector=connector, title=title, options=options, secrets={}, by_id=by_id
        )


def openers() -> Mapping[str, Callable[..., Any]]:
    """Return how a source of each connector is opened, by the connector's name."""
    from huoshui.areas.telemetry import naming

    return naming.openers()


def open_receiving(historian: Historian) -> Receiving:
    """Return the store as connectors see it, for the ingest process."""
    from huoshui.areas.telemetry import naming

    return naming.open_receiving(historian)


def name_follower(receiving: Receiving) -> NameFollower:
    """Return who takes over adopted codes and the readings kept for them; call ``step`` often."""
    from huoshui.areas.telemetry import naming

    return naming.NameFollower(receiving)


def handing_in() -> HandingIn:
    """Return the store as connectors outside the ingest process see it; ``look`` before use."""
    from huoshui.areas.telemetry import naming

    return naming.HandingIn()


def keep_mimic(code: str, svg: bytes, *, name_zh: str, name_en: str, by_id: int | None) -> None:
    """Keep a drawing whose parts follow points, unless there is one of this code already.

    Refuses with `telemetry.drawing_not_usable` or `telemetry.bindings_impossible`.
    """
    from huoshui.areas.telemetry.mimics import actions as mimics
    from huoshui.areas.telemetry.mimics import queries as mimic_queries

    if mimic_queries.mimic(code) is None:
        mimics.save(code, svg, name_zh=name_zh, name_en=name_en, asset_kind="", by_id=by_id)


def pushing_source(code: str) -> contracts.Source:
    """Return the source that an HTTP sender names; refuses one not set up for it, or paused."""
    from huoshui.areas.telemetry import pushes

    return pushes.pushing_source(code)


def pushed_before(source: str, key: str, digest: str) -> dict[str, Any] | None:
    """Return the answer given to a sender's key before; refuses another body under it."""
    from huoshui.areas.telemetry import pushes

    return pushes.pushed_before(source, key, digest)


def remember_push(source: str, key: str, digest: str, answer: Mapping[str, Any]) -> None:
    """Keep the answer to a sender's key for a week."""
    from huoshui.areas.telemetry import pushes

    pushes.remember_push(source, key, digest, answer)
