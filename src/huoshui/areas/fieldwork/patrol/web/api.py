"""The API of patrols: places for maps, and what phones carry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import belonging, ground, queries, rules, words
from huoshui.areas.fieldwork.patrol.web import maps, schemas
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

router = Router()

READ, WALK = permissions.api("fieldwork.read_jobs"), permissions.api("fieldwork.report_job")
ROUNDS_MAX = 20
SITES_MAX, PIPES_MAX = 60, 8


@router.get("/map", auth=READ, url_name="fieldwork-patrol-map")
def map_layer(request: HttpRequest) -> dict[str, Any]:
    """Return open findings and construction sites as GeoJSON for the map."""
    found = [maps.of_site(row) for row in queries.sites()]
    return maps.collection([*found, *(maps.of_finding(row) for row in queries.findings_open())])


@router.get("/findings", auth=READ, url_name="fieldwork-patrol-findings")
def finding_spots(request: HttpRequest) -> dict[str, Any]:
    """Return the open findings as GeoJSON."""
    return maps.collection([maps.of_finding(row) for row in queries.findings_open()])


@router.get("/hazards", auth=READ, url_name="fieldwork-patrol-hazards")
def hazard_spots(request: HttpRequest) -> dict[str, Any]:
    """Return the repeat-hazard points as GeoJSON."""
    found = queries.hazards()
    return maps.collection(
        [maps.of_hazard(one, _("%(count)s findings") % {"count": one.count}) for one in found]
    )


@router.get("/sites", auth=READ, url_name="fieldwork-patrol-sites")
def site_spots(request: HttpRequest) -> dict[str, Any]:
    """Return the construction sites that are not finished as GeoJSON."""
    return maps.collection([maps.of_site(row) for row in queries.sites()])


@router.get("/rounds", response=schemas.Rounds, auth=WALK, url_name="fieldwork-patrol-rounds")
def phone_rounds(request: HttpRequest) -> schemas.Rounds:
    """Give a patroller the rounds they may walk, with everything needed without signal.

    What is most due comes first; at most twenty rounds are given.
    """
    rows = queries.rounds_to_walk(request.user)
    turns = queries.present_turns(rows)
    rows.sort(key=lambda row: (_rank(turns.get(row.pk)), row.code))
    rows = rows[:ROUNDS_MAX]
    codes = {code for row in rows for code in row.asset_codes}
    assets = {one.code: one for one in network.assets(codes=sorted(codes))}
    sites = list(queries.sites())
    spots = [maps.of_site(row) for row in sites]
    spots += [maps.of_hazard(one, _("Repeat-hazard point")) for one in queries.hazards()]
    limits = rules.LIMITS
    return schemas.Rounds(
        rounds=[_round(row, turns.get(row.pk), assets) for row in rows],
        sites=_sites([
            row for row in sites if belonging.may_at_site(request.user, belonging.RECORD, row)
        ]),
        kinds=[
            schemas.Kind(code=str(code), label=str(label), pressing=code in rules.PRESSING)
            for code, label in words.FINDINGS.items()
        ],
        limits=schemas.Limits(
            accuracy_m=limits.accuracy_m, jump_m=limits.jump_m, jump_s=limits.jump_s,
            speed_ms=limits.speed_ms,
        ),
        spots=maps.collection(spots),
    )  # fmt: skip


def _sites(rows: list[models.ConstructionSite]) -> list[schemas.Site]:
    """Return the sites of a phone, those whose visit is due first."""
    now = clock.now()
    due = {row.pk: queries.visit_due_at(row) for row in rows}
    rows = sorted(rows, key=lambda row: (due[row.pk] or now, row.number))[:SITES_MAX]
    found = []
    for row in rows:
        label, tone = words.RISKS[row.risk]
        until = due[row.pk]
        found.append(
            schemas.Site(
                number=row.number, name=row.name, builder=row.builder,
                machine_label=str(words.MACHINES[row.machine]), risk_label=str(label),
                risk_tone=tone, due_at=until, is_late=until is not None and until < now,
                is_disclosed=row.disclosed_at is not None, lon=row.lon, lat=row.lat,
                pipes=[(code, away) for code, away, *_bore in row.near[:PIPES_MAX]],
            )
        )  # fmt: skip
    return found


def _rank(turn: queries.Turn | None) -> tuple[bool, str]:
    """Return what sorts the rounds of a phone: what is due and ends soonest first."""
    if turn is None:
        return True, ""
    return turn.share_frac is not None and turn.share_frac >= rules.WALKED_FRAC, str(
        turn.period.until
    )


def _round(row: Any, turn: queries.Turn | None, assets: dict[str, Any]) -> schemas.Round:
    own = [assets[code] for code in row.asset_codes if code in assets]
    return schemas.Round(
        code=row.code,
        name=row.shown_name,
        near_m=row.near_m,
        until=turn.period.latest if turn else None,
        standing=str(turn.standing) if turn else "",
        standing_label=str(words.STANDINGS[turn.standing][0]) if turn else "",
        walked_frac=turn.share_frac if turn else None,
        pipes=[
            schemas.Pipe(code=one.code, line=[list(place) for place in one.line])
            for one in ground.with_course(own)
        ],
        things=[
            schemas.Thing(code=one.code, label=one.name or one.code, lon=one.lon, lat=one.lat)
            for one in own
            if one.kind != "pipe" and one.lon == one.lon
        ],
    )
