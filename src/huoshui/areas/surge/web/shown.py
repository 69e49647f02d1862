"""What several pages of a wave show: figures with their lists, hours, estates, parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import models, queries, rules, words
from huoshui.areas.surge.queries import snapshots
from huoshui.kernel import clock, errors
from huoshui.kernel.pages import formats, kit

BAR_HEIGHT, BARS_WIDTH, BAR_SHARE = 100.0, 380.0, 0.76
# So many bars at most: of a longer time each stands for six hours, or for a day.
BARS_MAX, STEPS_H = 40, (1, 6, 24)
PAGES = {
    "case": "cases:case", "job": "fieldwork:job", "call": "hotline:call", "crew": "fieldwork:crew",
    "intake": "cases:case", "incident": "hotline:incident", "estate": "customers:estate",
    "account": "customers:account",
}  # fmt: skip


def surge_of(code: str) -> models.Surge:
    """Return a wave for a page, or answer that there is none."""
    try:
        return queries.surge(code)
    except errors.Refused as refusal:
        raise Http404 from refusal


def page_of(key: str) -> str:
    """Return the page of what a figure counted, or nothing."""
    kind, _colon, code = key.partition(":")
    try:
        return reverse(PAGES[kind], args=[code])
    except (KeyError, NoReverseMatch):
        return ""


def of_surge(name: str, row: models.Surge, **more: str) -> str:
    """Return the address of a list about a wave."""
    return f"{reverse(name)}?{urlencode({'surge': row.code, **more})}"


def waves_offered() -> list[tuple[str, str]]:
    """Return the waves that a list may be about."""
    return list(queries.surges().values_list("code", "name"))


def as_it_is(rows: Any, _wanted: str) -> Any:
    """Narrow nothing: the rows were asked for by the address already."""
    return rows


def groups(
    values: Mapping[str, float | None], keys: Mapping[str, Sequence[str]], base: str
) -> list[dict[str, Any]]:
    """Return the figures in their groups; each leads to its list where there is one.

    ``base`` is an address that ends with FIGURE, to be replaced by the figure's code.
    """
    return [
        {
            "title": title,
            "rows": [
                {
                    "code": code,
                    "label": label,
                    "value": value_text(code, values.get(code)),
                    "url": base.replace("FIGURE", code) if keys.get(code) else "",
                }
                for code, label in rows
            ],
        }
        for title, rows in words.GROUPS
    ]


def ways(values: Mapping[str, float | None]) -> list[dict[str, str]]:
    """Return by which ways besides calls something came, the most frequent first."""
    found = [(values.get(code) or 0, code) for code in rules.WAYS.values()]
    return [
        {"label": str(words.FIGURES[code]), "value": value_text(code, n)}
        for n, code in sorted(found, key=lambda one: -one[0])
        if n
    ]


def value_text(code: str, value: float | None) -> str:
    """Return a figure as people read it."""
    if value is None:
        return formats.NOTHING
    if code.startswith("minutes_"):
        return formats.duration(value * 60)
    return formats.number(int(value), "d")


def bars(hours: Sequence[tuple[Any, int, int]]) -> dict[str, Any] | None:
    """Return the enquiries and repairs of each stretch of time as bars, or None without any.

    A stretch is an hour, or six, or a day, so that there are not more than `BARS_MAX`.
    """
    if not hours:
        return None
    step_h = next((one for one in STEPS_H if len(hours) <= BARS_MAX * one), STEPS_H[-1])
    stretches: dict[datetime, list[int]] = {}
    for hour, enquiries, repairs in hours:
        at = clock.local(datetime.fromisoformat(hour) if isinstance(hour, str) else hour)
        counts = stretches.setdefault(at.replace(hour=at.hour - at.hour % step_h), [0, 0])
        counts[0] += enquiries
        counts[1] += repairs
    most = max(sum(counts) for counts in stretches.values()) or 1
    wide = BARS_WIDTH / max(12, len(stretches))
    every = max(1, -(-len(stretches) // 13))
    found = []
    for place, (at, (enquiries, repairs)) in enumerate(stretches.items()):
        low, high = (one / most * BAR_HEIGHT for one in (repairs, enquiries))
        found.append(
            {
                "x": f"{place * wide:.1f}",
                "width": f"{wide * BAR_SHARE:.1f}",
                "middle": f"{place * wide + wide * BAR_SHARE / 2:.1f}",
                "low_y": f"{BAR_HEIGHT - low:.1f}",
                "low": f"{low:.1f}",
                "high_y": f"{BAR_HEIGHT - low - high:.1f}",
                "high": f"{high:.1f}",
                "top": f"{BAR_HEIGHT - low - high - 3:.1f}",
                "total": enquiries + repairs,
                "label": _bar_label(at, step_h) if place % every == 0 else "",
                "title": f"{formats.moment(at)}: {_('Enquiries')} {enquiries}, "
                f"{_('Repairs')} {repairs}",
            }
        )
    return {"bars": found, "width": f"{max(12, len(stretches)) * wide:.0f}"}


def _bar_label(at: datetime, step_h: int) -> str:
    return f"{at:%m-%d}" if step_h == STEPS_H[-1] or (step_h > 1 and not at.hour) else f"{at:%H}"


def part_names() -> dict[str, str]:
    """Return what each part is called in the reader's language."""
    return fieldwork.names_of_skills_and_parts()


def parts(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the watched parts with what is left and when it is used up."""
    names = part_names()
    found = []
    for row in rows:
        out = row["out_at"]
        at = datetime.fromisoformat(out) if isinstance(out, str) else out
        hours = row["hours_left"]
        found.append(
            {
                "name": names.get(row["part"], row["part"]),
                "used": row["used"],
                "left": row["left"],
                "per_hour": formats.number(row["per_hour"], ".1f"),
                # A report of before 2026-11 was counted by three hours and did not say so.
                "over_h": int(row.get("over_h", 3)),
                "out_at": at,
                "hours": hours,
                "tone": "bad"
                if hours is not None and hours < 4
                else "warning"
                if hours is not None and hours < 12
                else "",
            }
        )
    return found


def estates(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return the estates with their names and how long the first of each waits."""
    names = snapshots.estate_names()
    found = []
    for row in rows:
        since = row["since"]
        at = datetime.fromisoformat(since) if isinstance(since, str) else since
        found.append(
            {
                **row,
                "code": row["estate"],
                # A report of before 2026-11-23 counted calls only.
                "otherwise": row.get("otherwise"),
                "words": row["calls"] + row.get("otherwise", 0),
                "name": names.get(row["estate"], row["estate"]) or _("in no estate"),
                "waits": formats.duration((now - at).total_seconds()) if at else "",
            }
        )
    return found


def listed(rows: Mapping[str, Mapping[str, Any]], keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what a figure counted, each as a row of a list."""
    topics, names = snapshots.topic_names(), snapshots.estate_names()
    ways = {code: words.FIGURES[figure] for code, figure in rules.WAYS.items()}
    reasons = waiting_reasons()
    needs = fieldwork.names_of_skills_and_parts()
    for key in keys:
        row = rows.get(key, {})
        kind, _colon, code = key.partition(":")
        at = row.get("at")
        estate = code if kind == "estate" else row.get("estate", "")
        yield {
            "key": code,
            "url": page_of(key),
            "at": datetime.fromisoformat(at) if at else None,
            "about": topics.get(row.get("about", ""), row.get("about", "")),
            "name": names.get(code, code) if kind == "estate" else row.get("name", ""),
            "estate": names.get(estate, estate),
            "state": row.get("state", ""),
            "case": row.get("case", ""),
            "way": ways.get(row["way"], row["way"]) if "way" in row else "",
            "crew": row.get("crew", ""),
            "why": _why(row, reasons, needs),
        }


def waiting_reasons() -> dict[str, str]:
    """Return why a repair may have no crew, in the reader's words, by code."""
    return {**fieldwork.reasons(), **{code: str(said) for code, said in words.WAITING.items()}}


def _why(row: Mapping[str, Any], reasons: Mapping[str, str], needs: Mapping[str, str]) -> str:
    """Say why a row has no crew: of the crew that came nearest, as of its moment."""
    code = row.get("why", "")
    if "faults" not in row:
        return reasons.get(code, code)
    lacking = [needs.get(one, one) for one in row["lacking"]]
    said = fieldwork.why_waiting(row["nearest"], row["faults"], lacking)
    return f"{formats.moment(datetime.fromisoformat(row['looked_at']))} {said}"


def waiting_for(rows: Mapping[str, Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return how many of some jobs wait for which reason, most first."""
    counted = Counter(rows.get(key, {}).get("why", "") for key in keys)
    reasons = waiting_reasons()
    return [{"why": reasons.get(why, why), "n": n} for why, n in counted.most_common()]


def kind_badge(kind: str) -> Any:
    """Return what sort of trouble a wave is, as a label."""
    return kit.badge(*words.KINDS[kind])


def difference(code: str, before: float | None, after: float | None) -> str:
    """Return by how much a figure of a second report differs from the first."""
    if before is None or after is None or code not in rules.FIGURES:
        return formats.NOTHING
    change = after - before
    if code.startswith("minutes_"):
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        return f"{sign}{formats.duration(abs(change) * 60)}"
    return f"{change:+.0f}".replace("-", "−") if change else "0"
