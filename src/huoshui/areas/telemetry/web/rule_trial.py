"""The page that tries a rule on the past, and the marks its chart draws."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from huoshui.areas.telemetry import contracts, models, queries, queries_rules, trying
from huoshui.areas.telemetry.web import alarm_words, points, words
from huoshui.areas.telemetry.web import rules as rule_pages
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats

DAYS = (1, 7, 31, 92)
EPISODES_SHOWN = 200


@permissions.needs("telemetry.read")
def try_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a rule would have done in the last days."""
    rule = rule_pages.rule_of(code)
    asked = request.GET.get("days", "31")
    days = int(asked) if asked.isdecimal() and int(asked[:4]) in DAYS else 31
    until = _end(rule)
    trial = trying.try_rule(rule, until - timedelta(days=days), until)
    names = {
        row.code: alarm_words.spoken_name(row)
        for row in models.Point.objects.filter(code__in=trial.points)
    }
    unit = rule_pages.unit_of(rule) if rule.kind != "no_data" else ""
    busiest = _busiest(trial)
    shown = points.trend([busiest], fixed=True, span=_span(days)) if busiest else None
    if shown:
        marks = reverse("api:telemetry-rule-marks", args=[code])
        shown["urls"] = {**shown["urls"], "alarms": marks}
    most = max((count for _day, count in trial.per_day), default=0)
    context = {
        "title": gettext("Try on the past: %(name)s") % {"name": rule_pages.rule_name(rule)},
        "trail": (
            (gettext("Alarm rules"), reverse("telemetry:rules")),
            (rule_pages.rule_name(rule), reverse("telemetry:rule", args=[code])),
        ),
        "rule": rule,
        "kind": words.RULES[rule.kind],
        "scope": rule_pages.scope_text(rule, {}),
        "trial": trial,
        "count": len(trial.episodes),
        "a_day": len(trial.episodes) / days,
        "days": days,
        "choices": DAYS,
        "per_day": [(day, count) for day, count in trial.per_day],
        "most": most or 1,
        "chattering": [names[one] for one in trial.chattering],
        "trend": shown,
        "busiest": names.get(busiest, ""),
        "episodes": [
            {
                "name": names[one.point_code],
                "from_at": one.from_at,
                "until": one.until,
                "value": one.value,
            }
            for one in trial.episodes[-EPISODES_SHOWN:][::-1]
        ],
        "silent": _silent(trial, names, unit),
        "unheard": sum(one.alarms for one in trial.silent),
        "unit": unit,
    }
    return render(request, "telemetry/rule_trial.html", context)


def _silent(trial: trying.Trial, names: dict[str, str], unit: str) -> list[dict[str, object]]:
    """Return the points where the rule has no say, what comes first there, and what it hides."""
    coming = {one.rule_code for one in trial.silent if one.rule_code}
    rules = {row.code: row for row in models.AlarmRule.objects.filter(code__in=coming)}
    return [
        {
            "name": names[one.point_code],
            "first": gettext("Rule: %(name)s")
            % {"name": rule_pages.rule_name(rules[one.rule_code])}
            if one.rule_code
            else gettext("Own limit %(limit)s")
            % {"limit": f"{formats.number(one.limit)} {unit}".strip()},
            "alarms": one.alarms,
        }
        for one in sorted(trial.silent, key=lambda one: -one.alarms)
    ]


def _end(rule: models.AlarmRule) -> datetime:
    """Return the moment of the newest reading: where data ended, there is nothing to try."""
    codes = [point.code for point in queries_rules.points_of(rule)[: trying.POINTS_MAX]]
    newest = queries.latest(codes) if codes else {}
    latest_us = max((one.at_us for one in newest.values()), default=None)
    return clock.now() if latest_us is None else contracts.from_us(latest_us + 1)


def _span(days: int) -> str:
    return {1: "day", 7: "week", 31: "month"}.get(days, "month")


def _busiest(trial: trying.Trial) -> str:
    """Return the point that would have called most often, or any that was tried."""
    counts: dict[str, int] = dict.fromkeys(trial.points, 0)
    for one in trial.episodes:
        counts[one.point_code] += 1
    return max(counts, key=lambda code: counts[code], default="")
