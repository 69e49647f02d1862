"""How maintenance is said to people: its rhythm, its due day and why, its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import words as job_words
from huoshui.areas.fieldwork.queries import stock
from huoshui.areas.fieldwork.upkeep import asking, planning, queries, rules, words
from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import Kind
from huoshui.kernel import clock
from huoshui.kernel.pages import formats, kit

ASSET_KINDS: Mapping[str, Any] = {
    Kind.PIPE: pgettext_lazy("asset", "Pipe"),
    Kind.VALVE: pgettext_lazy("asset", "Valve"),
    Kind.PUMP: pgettext_lazy("asset", "Pump"),
    Kind.TANK: pgettext_lazy("asset", "Tank"),
    Kind.RESERVOIR: pgettext_lazy("asset", "Reservoir"),
    Kind.HYDRANT: pgettext_lazy("asset", "Hydrant"),
    Kind.JUNCTION: pgettext_lazy("asset", "Junction"),
}


def asset_kinds() -> dict[str, Any]:
    """Return the kinds of assets with their names."""
    return {str(code): label for code, label in ASSET_KINDS.items()}


def every(row: models.MaintenancePlan) -> str:
    """Say how often."""
    said = []
    if row.every_days:
        said.append(
            gettext("daily") if row.every_days == 1
            else ngettext("every %(n)s day", "every %(n)s days", row.every_days)
            % {"n": row.every_days}
        )  # fmt: skip
    if row.every_hours:
        said.append(
            ngettext("every %(n)s running hour", "every %(n)s running hours", row.every_hours)
            % {"n": formats.text(row.every_hours, ",d")}
        )
    text = pgettext("rhythm", " or ").join(said)
    if (row.from_month, row.until_month) == (1, 12):
        return text
    months = gettext("months %(from)s to %(until)s") % {
        "from": row.from_month, "until": row.until_month,
    }  # fmt: skip
    return pgettext("rhythm", ", ").join((text, months))


def due_facts(row: models.MaintenancePlan) -> list[kit.Fact]:
    """Say when a plan is due and what makes it so."""
    found = [
        kit.Fact(pgettext("upkeep", "Due next"), row.due_date, format="day",
                 note=words.DUE_BY.get(row.due_by, "")),
        kit.Fact(pgettext("upkeep", "Every"), every(row)),
        kit.Fact(words.FIELDS["done_date"], row.done_date, format="day"),
    ]  # fmt: skip
    if row.job:
        url = reverse("fieldwork:job", args=[row.job.number])
        found.append(kit.Fact(_("Job"), row.job.number, href=url))
    found.append(kit.Fact(words.FIELDS["ahead_days"], row.ahead_days, format="d"))
    if row.is_routine:
        found.append(
            kit.Fact(pgettext("upkeep", "Routine"), gettext("a missed day is not caught up"))
        )
    return found


def work_facts(row: models.MaintenancePlan) -> list[kit.Fact]:
    """Say where and how the work is done."""
    asset = network.asset(row.asset_code)
    url = reverse("network:asset", args=[row.asset_code]) if asset else ""
    name = asset.name if asset and asset.name and asset.name != row.asset_code else ""
    found = [
        kit.Fact(_("Asset"), " ".join(one for one in (row.asset_code, name) if one), href=url),
        kit.Fact(_("Type of job"), job_words.name_of(row.job_type)),
        kit.Fact(words.FIELDS["crew"], row.crew.name if row.crew else None),
        kit.Fact(_("Takes"), row.job_type.usual_minutes, unit="min"),
    ]
    if row.instructions:
        found.append(kit.Fact(words.FIELDS["instructions"], row.instructions))
    if row.window_from or row.window_until:
        hours = f"{asking.clock_text(row.window_from)}–{asking.clock_text(row.window_until)}"
        found.append(kit.Fact(pgettext("upkeep", "Hours of the day"), hours))
    if row.heat_from and row.heat_until:
        found.append(
            kit.Fact(
                _("Heat rule"),
                gettext("above %(limit)s °C not from %(from)s to %(until)s")
                % {"limit": formats.text(row.heat_limit_c, ".0f"),
                   "from": asking.clock_text(row.heat_from),
                   "until": asking.clock_text(row.heat_until)},
                note=row.heat_point or gettext("by the hour, nothing is measured"),
            )
        )  # fmt: skip
    if row.wants_photos:
        found.append(kit.Fact(words.FIELDS["wants_photos"], gettext("yes, or it cannot be closed")))
    return found


def hours_facts(row: models.MaintenancePlan) -> list[kit.Fact]:
    """Say how many running hours are left, how busy the machine is, and when that leads to."""
    hours = planning.hours_of(row)
    runs = f"> {formats.text(row.runs_above, '.6g')}" if row.runs_above is not None else ""
    found = [
        kit.Fact(words.FIELDS["hours_point"], f"{row.hours_point} {runs}".strip()),
        kit.Fact(_("Hours now"), row.hours_now, format=",.0f", unit="h"),
        kit.Fact(words.FIELDS["done_hours"], row.done_hours, format=",.0f", unit="h"),
        kit.Fact(_("Hours left"), hours.left if hours else None, format=",.0f", unit="h"),
        kit.Fact(_("Hours a day, mean of four weeks"), row.hours_a_day, format=".1f", unit="h"),
    ]
    if hours and hours.left > 0 and row.hours_a_day:
        found.append(kit.Fact(_("Full on"), _range(row, hours.left),
                              note=gettext("hours left ÷ hours a day; from the busiest to the "
                                           "least busy of the last four weeks")))  # fmt: skip
    if row.hours_read_at:
        found.append(kit.Fact(_("Read until"), row.hours_read_at, format="moment"))
    return found


def _range(row: models.MaintenancePlan, left_h: float) -> str:
    """Return the day on which the hours are full, counted from the day of the last reading."""
    read_at = row.hours_read_at
    begin = clock.local(read_at).date() if read_at else queries.today()

    def on(hours_a_day: float | None) -> str:
        days = rules.days_of_hours(left_h, hours_a_day)
        return gettext("not foreseeable") if days is None else formats.day(begin + days * rules.DAY)

    said = [on(row.hours_a_day), on(row.hours_a_day_max), on(row.hours_a_day_min)]
    if len(set(said)) == 1:
        return said[0]
    return gettext("%(day)s (%(first)s to %(last)s)") % {
        "day": said[0], "first": said[1], "last": said[2],
    }  # fmt: skip


def steps(row: models.MaintenancePlan) -> list[str]:
    """Return the steps of a plan's type of job in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    text = row.job_type.steps_zh if chinese else row.job_type.steps_en
    return [line.strip() for line in text.splitlines() if line.strip()]


def history(rows: Iterable[models.MaintenanceDone]) -> list[dict[str, Any]]:
    """Return every time with what became of it, the parts it took and the crew."""
    rows = list(rows)
    taken: dict[int, list[str]] = {}
    moved = models.StockMovement.objects.filter(
        job__in=[one.job_id for one in rows if one.job_id], to_store__isnull=True
    )
    for one in moved.select_related("part"):
        if one.job_id is not None:
            taken.setdefault(one.job_id, []).append(
                f"{job_words.name_of(one.part)} × {one.quantity}"
            )
    photos: Counter[int] = Counter(
        models.JobPhoto.objects.filter(report__job__in=[one.job_id for one in rows if one.job_id])
        .values_list("report__job_id", flat=True)
    )  # fmt: skip
    notes = dict(
        models.JobReport.objects.filter(job__in=[one.job_id for one in rows if one.job_id])
        .order_by("reported_at").values_list("job_id", "note")
    )  # fmt: skip
    return [
        {
            "due_date": one.due_date,
            "done_date": one.done_date,
            "state": words.LATE if queries.is_late(one) else words.OUTCOMES[one.outcome],
            "hours": one.done_hours,
            "number": one.job.number if one.job else "",
            "crew": one.job.crew.name if one.job and one.job.crew else "",
            "parts": pgettext("list", ", ").join(taken.get(one.job_id or 0, ())),
            "photos": photos[one.job_id or 0],
            "note": notes.get(one.job_id or 0, ""),
        }
        for one in rows
    ]


def kept(one: queries.Kept) -> dict[str, Any]:
    """Return the figures of a stretch of time or a crew."""
    return {
        "due": one.due, "on_time": one.on_time, "late": one.late, "missed": one.missed,
        "waiting": one.waiting, "rate_frac": one.rate_frac,
        "width": round(100 * (one.rate_frac or 0.0)),
    }  # fmt: skip


def parts(wanted: Counter[str]) -> list[dict[str, Any]]:
    """Return the parts that some plans will take, and how many lie in stores and vehicles."""
    lying = {one.part.code: one for one in stock.outlook(queries.today())} if wanted else {}
    found = []
    for code, quantity in sorted(wanted.items()):
        outlook = lying.get(code)
        there = outlook.in_stores + outlook.in_vehicles if outlook else 0
        found.append({
            "name": job_words.name_of(outlook.part) if outlook else code,
            "unit": outlook.part.unit if outlook else "",
            "quantity": quantity, "there": there, "is_short": there < quantity,
        })  # fmt: skip
    return found
