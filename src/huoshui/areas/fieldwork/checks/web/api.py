"""The API of checks: what phones carry, and the checks there are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import queries, rules, words
from huoshui.areas.fieldwork.checks.kinds import ItemKind
from huoshui.areas.fieldwork.checks.web import schemas
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import permissions

router = Router()

READ, CHECK = permissions.api("fieldwork.read_jobs"), permissions.api("fieldwork.report_job")
ROUNDS_MAX = 20
PAGE_SIZE_MAX = 500


@router.get("/phone", response=schemas.Rounds, auth=CHECK, url_name="fieldwork-checks-phone")
def phone_rounds(request: HttpRequest) -> schemas.Rounds:
    """Give somebody the rounds to plants they may make, with everything needed without signal.

    What ends soonest comes first; at most twenty rounds are given.
    """
    rows = queries.rounds_to_make(request.user)
    turns = queries.present_turns(rows)
    rows.sort(key=lambda row: (row.pk not in turns, _until(turns.get(row.pk)), row.code))
    rows = rows[:ROUNDS_MAX]
    codes = sorted({code for row in rows for code in row.asset_codes})
    assets = {one.code: one for one in network.assets(codes=codes)} if codes else {}
    places, latest = network.places(codes), queries.latest_of(codes)
    asked = queries.asked(codes)
    return schemas.Rounds(
        rounds=[_round(row, turns.get(row.pk), assets, places, latest, asked) for row in rows],
        lists=[
            schemas.List(code=one.code, label=words.named(one.name_zh, one.name_en),
                         items=[_item(each) for each in queries.items_of(one)])
            for one in asked.used
        ],
    )  # fmt: skip


@router.get("", response=schemas.Checks, auth=READ, url_name="fieldwork-checks")
def list_checks(
    request: HttpRequest,
    asset: str = "",
    round: str = "",
    limit: int = Query(100, ge=1, le=PAGE_SIZE_MAX),
    offset: int = Query(0, ge=0),
) -> schemas.Checks:
    """Return checks, the latest first; of one asset or one round where those are named."""
    rows = queries.checks()
    if asset:
        rows = rows.filter(asset_code=asset)
    if round:
        rows = rows.filter(round__code=round)
    return schemas.Checks(
        count=rows.count(), checks=[_check(row) for row in rows[offset : offset + limit]]
    )


def _check(row: models.Check) -> schemas.Check:
    job = row.finding.job if row.finding else None
    return schemas.Check(
        id=row.pk, asset_code=row.asset_code, round=row.round.code if row.round else "",
        check_list=row.check_list.code, checked_at=row.checked_at, by=str(row.by), wrong=row.wrong,
        missing=row.missing, note=row.note, job=job.number if job else "", answers=row.answers,
    )  # fmt: skip


def _until(turn: queries.Turn | None) -> str:
    return turn.period.until.isoformat() if turn else ""


def _item(one: rules.Item) -> schemas.Item:
    bounds = words.limits({"low": one.low, "high": one.high, "unit": one.unit})
    return schemas.Item(
        code=one.code, label=words.named(one.name_zh, one.name_en), kind=str(one.kind),
        unit=one.unit, low=one.low, high=one.high, limits=bounds, is_needed=one.is_needed,
        wants_job=one.wants_job,
    )  # fmt: skip


def _round(
    row: models.PatrolRound,
    turn: queries.Turn | None,
    assets: dict[str, Any],
    places: dict[str, Any],
    latest: dict[str, models.Check],
    asked: queries.Asked,
) -> schemas.Round:
    own = [assets[code] for code in row.asset_codes if code in assets]
    lists = {one.code: asked.of(one.code, one.kind, row) for one in own}
    return schemas.Round(
        code=row.code,
        name=row.shown_name,
        until=turn.period.latest if turn else None,
        standing=str(turn.standing) if turn else "",
        standing_label=str(words.STANDINGS[turn.standing][0]) if turn else "",
        assets=[
            schemas.Asset(
                code=one.code,
                label=f"{one.code} {one.name}".strip(),
                list=found.code if (found := lists[one.code]) else "",
                lon=places[one.code][0] if one.code in places else None,
                lat=places[one.code][1] if one.code in places else None,
                is_done=bool(turn and one.code in turn.seen),
                latest=_latest(latest.get(one.code)),
            )
            for one in own
        ],
    )


def _latest(row: models.Check | None) -> schemas.Latest | None:
    if row is None:
        return None
    numbers = {
        one["item"]: float(one["value"]) for one in row.answers
        if one["kind"] == ItemKind.NUMBER and one["value"] is not None
    }  # fmt: skip
    wrong = words.wrong_words(row.answers)
    return schemas.Latest(at=row.checked_at, wrong=wrong, numbers=numbers)
