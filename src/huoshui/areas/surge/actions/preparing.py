"""Before a wave: plans, forecasts, the proposal to declare, the warning, the season's minimum."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import contracts as told
from huoshui.areas.announcements import facade as announcements
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import contracts, models, queries, refusals, rules
from huoshui.areas.surge.actions import waves
from huoshui.areas.surge.queries import weather
from huoshui.kernel import audit, clock, notices

LEADERS = ("manager", "dispatcher", "service_manager")
WARNING_KINDS = {contracts.Kind.COLD: told.Kind.FREEZE, contracts.Kind.BURST: told.Kind.BURST}


@transaction.atomic
def keep_plan(code: str, values: Mapping[str, Any], *, by_id: int | None) -> models.EmergencyPlan:
    """Keep a plan; the one with the same code is changed. Refuses a trigger without days."""
    if values.get("limit_c") is not None and not values.get("nights"):
        raise refusals.NeedsValue("nights", _("Say how many days in a row."))
    row, _new = models.EmergencyPlan.objects.update_or_create(code=code, defaults=dict(values))
    audit.record(by_id, "surge.plan_kept", f"surge.plan:{code}", {"name": row.name})
    return row


@transaction.atomic
def keep_forecast(days: Mapping[date, tuple[float, float]], *, by_id: int | None) -> None:
    """Keep what was told of some days, then see whether a plan's trigger is reached."""
    for day, (low_c, high_c) in days.items():
        if not -60 <= low_c <= high_c <= 60:
            raise refusals.NeedsValue("low_c", _("The low is below the high, both on earth."))
        models.Forecast.objects.create(
            day=day, low_c=low_c, high_c=high_c, told_at=clock.now(), told_by_id=by_id
        )
    audit.record(by_id, "surge.forecast_kept", "surge.forecast:", {"days": len(days)})
    propose()


@transaction.atomic
def propose() -> list[models.Proposal]:
    """Propose to declare where a plan's trigger is reached and nobody was asked; tell the leaders.

    Asked once for each cold: days in a row that were asked about already are not asked again, nor
    while a wave of the kind stands.
    """
    today = clock.local(clock.now()).date()
    found = []
    for plan in queries.plans().filter(limit_c__isnull=False):
        kind = contracts.Kind(plan.kind)
        days = weather.days_ahead(plan, today)
        hit = rules.nights_beyond(kind, days, limit_c=plan.limit_c or 0.0, nights=plan.nights)
        if not hit or queries.standing().filter(kind=kind).exists() or _was_asked(plan, hit[0]):
            continue
        row = _proposed(plan, hit[0], [(day, *days[day]) for day in sorted(days) if day >= hit[0]])
        if row is not None:
            found.append(row)
    return found


def _was_asked(plan: models.EmergencyPlan, first: date) -> bool:
    """Say whether a proposal of these days, or of the days just before them, was made."""
    since = first - timedelta(days=plan.ahead_days)
    return plan.proposals.filter(first_date__gt=since, first_date__lte=first).exists()


def _proposed(
    plan: models.EmergencyPlan, first: date, days: list[tuple[date, float, float]]
) -> models.Proposal | None:
    try:
        with transaction.atomic():
            row = models.Proposal.objects.create(
                plan=plan,
                first_date=first,
                days=[[day.isoformat(), low, high] for day, low, high in days],
                made_at=clock.now(),
            )
    except IntegrityError:
        return None
    notices.send(
        posts=LEADERS,
        title=_("Weather: plan “%(name)s” should be started from %(day)s."),
        values={"name": plan.name, "day": first.isoformat()},
        url=reverse("surge:proposal", args=[row.pk]),
        level=notices.WARNING,
        key=f"surge.proposed:{row.pk}",
    )
    audit.record(
        None, "surge.proposed", f"surge.plan:{plan.code}", {"first_date": first.isoformat()}
    )
    return row


def open_proposal(number: int) -> models.Proposal:
    """Return a proposal to decide, locked, or refuse."""
    row = models.Proposal.objects.select_for_update(of=("self",)).filter(pk=number)
    found = row.select_related("plan", "plan__risk_list").first()
    if found is None:
        raise refusals.NoSuch("proposal", str(number))
    if found.state == contracts.ProposalState.SET_ASIDE:
        raise refusals.NotNow(_("This proposal was set aside."), proposal=number)
    return found


@transaction.atomic
def set_aside(number: int, *, reason: str, by_id: int | None) -> models.Proposal:
    """Decide against a proposal; refuses without a reason."""
    row = open_proposal(number)
    if not reason.strip():
        raise refusals.NeedsValue("reason", _("Say why not."))
    if row.state != contracts.ProposalState.OPEN:
        raise refusals.NotNow(_("It was declared already."), proposal=number)
    row.state, row.reason = contracts.ProposalState.SET_ASIDE, reason.strip()[:300]
    row.decided_at, row.decided_by_id = clock.now(), by_id
    row.save()
    audit.record(by_id, "surge.set_aside", f"surge.plan:{row.plan.code}", {"reason": row.reason})
    return row


@transaction.atomic
def declare_proposed(number: int, said: waves.Declared, *, by_id: int | None) -> models.Surge:
    """Declare the wave of a proposal; doing so twice is refused."""
    row = open_proposal(number)
    if row.state != contracts.ProposalState.OPEN:
        raise refusals.NotNow(_("It was declared already."), proposal=number)
    surge = waves.declare(said, by_id=by_id)
    row.state, row.surge = contracts.ProposalState.DECLARED, surge
    row.decided_at, row.decided_by_id = clock.now(), by_id
    row.save()
    return surge


@transaction.atomic
def draft_warning(number: int, *, by_id: int | None) -> str:
    """Begin the announcement that warns the plan's risk list, as a draft; return its number.

    Somebody completes it, and a second person releases it where the rules ask for one. Refuses a
    plan without a list, an empty list, and a second draft.
    """
    row = open_proposal(number)
    if row.warning:
        raise refusals.NotNow(_("The warning was begun already."), announcement=row.warning)
    listed = row.plan.risk_list
    accounts = (
        list(listed.entries.listed().values_list("account_code", flat=True)) if listed else []
    )
    if not accounts:
        raise refusals.NeedsValue("risk_list", _("The plan names no list of customers at risk."))
    begins = datetime.combine(row.first_date, time(), tzinfo=clock.local_zone())
    kind = contracts.Kind(row.plan.kind)
    text_zh, text_en = WARNINGS.get(kind, WARNINGS[contracts.Kind.OTHER])
    lowest = min((low for _day, low, _high in row.days), default=0.0)
    highest = max((high for _day, _low, high in row.days), default=0.0)
    values = {"day": f"{row.first_date:%m-%d}", "low": f"{lowest:g}", "high": f"{highest:g}"}
    row.warning = announcements.compose(
        kind=WARNING_KINDS.get(kind, told.Kind.OTHER),
        title_zh=text_zh[0],
        text_zh=text_zh[1] % values,
        title_en=text_en[0],
        text_en=text_en[1] % values,
        from_at=begins,
        until_at=begins + timedelta(days=len(row.days)),
        accounts=accounts,
        ways=(told.Way.SMS, told.Way.WECHAT, told.Way.IN_APP, told.Way.POSTER),
        staff_posts=("hotline_agent", "service_manager", "dispatcher"),
        by_id=by_id,
    )
    row.save(update_fields=["warning"])
    audit.record(
        by_id, "surge.warning_begun", f"surge.plan:{row.plan.code}",
        {"announcement": row.warning, "customers": len(accounts)},
    )  # fmt: skip
    return row.warning


# To begin with, in both languages: what the warning says until somebody changes it.
WARNINGS: dict[contracts.Kind, tuple[tuple[str, str], tuple[str, str]]] = {
    contracts.Kind.COLD: (
        ("寒潮提醒：请给水表和水管保暖",
         "%(day)s 起最低气温将降至 %(low)s ℃。您家的水表或管道容易冻，请包好水表和明管、"
         "关严楼道门窗，夜间可保留细流。冻住后用温毛巾化冻，切勿用火烤或开水浇。"
         "客服热线 96568，24 小时。"),
        ("Cold wave: wrap your meter",
         "From %(day)s it will be down to %(low)s °C. Wrap meter and pipes, close windows, "
         "let a tap drip at night. Thaw with warm cloths, never with fire. Hotline 96568."),
    ),
    contracts.Kind.HEAT: (
        ("高温用水提醒",
         "%(day)s 起最高气温将达 %(high)s ℃，用水高峰时段水压可能偏低，请错峰用水。"
         "客服热线 96568。"),
        ("Heat: use water off the peak",
         "From %(day)s it will be up to %(high)s °C; pressure may be low at peaks. Hotline 96568."),
    ),
    contracts.Kind.OTHER: (
        ("供水提醒", "%(day)s 起供水可能受到影响，请适当储水。客服热线 96568。"),
        ("Water supply", "From %(day)s the supply may suffer; store some water. Hotline 96568."),
    ),
}  # fmt: skip


@transaction.atomic
def raise_minimums(number: int, *, by_id: int | None) -> dict[str, int]:
    """Raise what the stores should have, as the plan says; return by part what they should now.

    What is more already stays; then the part is not in the answer.
    """
    row = open_proposal(number)
    raised = {}
    for part, quantity, first, last in row.plan.minimums:
        by_store = fieldwork.raise_minimum(
            part, int(quantity), from_month=int(first), until_month=int(last), by_id=by_id
        )
        if by_store:
            raised[str(part)] = sum(by_store.values())
    row.minimums_raised_at = clock.now()
    row.save(update_fields=["minimums_raised_at"])
    audit.record(by_id, "surge.minimums_raised", f"surge.plan:{row.plan.code}", {"parts": raised})
    return raised


@transaction.atomic
def keep_prices(prices: Mapping[str, int | None], *, by_id: int | None) -> None:
    """Keep what parts and an hour cost, in cents; an empty price is taken away."""
    for code, price_cents in prices.items():
        rows = models.Price.objects.filter(code=code)
        if price_cents is None:
            rows.delete()
        else:
            models.Price.objects.update_or_create(
                code=code, defaults={"price_cents": price_cents, "changed_at": clock.now()}
            )
    audit.record(by_id, "surge.prices_kept", "surge.price:", {"parts": len(prices)})
