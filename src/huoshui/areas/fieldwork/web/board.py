"""The dispatcher's board, and what its island asks for and does."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from ninja import Router, Schema

from huoshui.areas.fieldwork import computing, models, queries, refusals, words
from huoshui.areas.fieldwork.actions import giving, planning
from huoshui.areas.fieldwork.queries import board as board_queries
from huoshui.areas.fieldwork.queries import planning as plan_queries
from huoshui.areas.fieldwork.queries import waiting
from huoshui.areas.fieldwork.web import board_schemas as said
from huoshui.areas.fieldwork.web import who
from huoshui.areas.network import facade as network
from huoshui.kernel import clock, jobs, live
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

READ, PLAN = "fieldwork.read_jobs", "fieldwork.assign_job"
STREAM = "fieldwork.board"
HOURS_AHEAD = 12

router = Router()


@permissions.needs(READ)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show the board; the island fills it."""
    may_plan = permissions.holds(request.user, PLAN)
    number = request.GET.get("plan", "")
    first = network.zones()[:1]
    box = network.zone_bounds(first[0].code) if first else None
    middle = (((box[0] + box[2]) / 2), ((box[1] + box[3]) / 2)) if box else (None, None)
    shown = network.small_map_of(lon=middle[0], lat=middle[1])
    may_see_map = permissions.holds(request.user, "network.read")
    props = {
        "url": reverse("api:fieldwork-board-view"),
        "move_url": reverse("api:fieldwork-board-move"),
        "crews_url": reverse("api:fieldwork-job-crews", args=["NUMBER"]),
        "accept_url": reverse("api:fieldwork-plan-accept", args=[0]),
        "aside_url": reverse("api:fieldwork-plan-aside", args=[0]),
        "job_url": reverse("fieldwork:job", args=["NUMBER"]),
        "board_url": reverse("fieldwork:board"),
        "plan": int(number) if number.isdecimal() and len(number) < 16 else None,
        "may_plan": may_plan,
        "tiles": shown["tiles"] if shown and may_see_map else None,
        "box": box,
        "zones": network.zone_names(),
        "words": {
            "states": _said(words.STATES),
            "kinds": _said(words.KINDS),
            "priorities": _said(words.PRIORITIES),
            "reasons": _said(words.REASONS),
            "rules": _said(words.RULES),
            "nobody": _said(words.NOBODY),
            "types": {
                one.code: words.name_of(one) for one in models.JobType.objects.order_by("code")
            },
            "skills": {
                one.code: words.name_of(one) for one in models.Skill.objects.order_by("code")
            },
            "parts": {one.code: words.name_of(one) for one in models.Part.objects.order_by("code")},
        },
    }
    context = {"title": _("Dispatch"), "island": props, "may_plan": may_plan, "hours": HOURS_AHEAD}
    return render(request, "fieldwork/board.html", context)


def _said(labels: dict[str, words.Words]) -> dict[str, str]:
    return {str(code): str(label) for code, label in labels.items()}


@permissions.needs(PLAN)
@require_POST
@kit.once
def plan_many(request: HttpRequest) -> HttpResponse:
    """Ask for a proposal for the next hours; the board shows it once it is computed."""
    now = clock.now()
    row = planning.propose(
        from_at=now, until=now + timedelta(hours=HOURS_AHEAD), by_id=who.id_of(request)
    )
    jobs.begin(request, computing.compute_plan, plan=row.pk)
    return HttpResponseRedirect(f"{reverse('fieldwork:board')}?plan={row.pk}")


@router.get(
    "/board",
    response=said.Board,
    by_alias=True,
    auth=permissions.api(READ),
    url_name="fieldwork-board",
)
def board_rows(request: HttpRequest, plan: int | None = None) -> dict[str, Any]:
    """Return the open jobs and the crews, with a proposal laid over them where one is named.

    Refuses with `fieldwork.no_such_thing` (404).
    """
    now = clock.now()
    from_at, until = board_queries.frame(now)
    # Before the rows are read, so that nothing between is missed by who follows the stream.
    cursor = board_queries.newest()
    rows = board_queries.jobs()
    found = _plan(plan) if plan is not None else None
    if found is not None:
        board_queries.with_plan(rows, found)
    return {
        "at": now,
        "from": from_at,
        "until": until,
        "cursor": cursor,
        "crews": board_queries.crews(now, until),
        "jobs": rows,
        "plan": None if found is None else _shown(found),
    }


def _plan(number: int) -> models.Plan:
    row = plan_queries.plan(number)
    if row is None:
        raise refusals.NoSuch("plan", number)
    return row


def _shown(row: models.Plan) -> dict[str, Any]:
    stops = row.stops.all()
    return {
        "id": row.pk,
        "state": row.state,
        "placed": stops.filter(crew__isnull=False).count(),
        "left": stops.filter(crew__isnull=True).count(),
        "drive_s": row.drive_s,
        "nearest_drive_s": row.nearest_drive_s,
        "nearest_placed": row.nearest_placed,
        "took_s": row.took_s,
        "travel": row.travel,
        "legs_by_line": row.legs_by_line,
    }


@router.get(
    "/board/view",
    response=said.BoardView,
    auth=permissions.api(READ),
    url_name="fieldwork-board-view",
)
def view(request: HttpRequest, plan: int | None = None, after: int | None = None) -> HttpResponse:
    """Return what the board draws, packed; with ``after`` only what changed since that step.

    Each job is a list in the order of ``columns``, moments are seconds since 1970. Refuses with
    `fieldwork.no_such_thing` (404).
    """
    now = clock.now()
    from_at, until = board_queries.frame(now)
    # Before the rows are read, so that nothing between is missed by who follows the stream.
    cursor = board_queries.newest()
    found = _plan(plan) if plan is not None else None
    rows = board_queries.jobs() if after is None else board_queries.changed(after).jobs
    if found is not None:
        board_queries.with_plan(rows, found)
    answer = {
        "at": int(now.timestamp()),
        "from": int(from_at.timestamp()),
        "until": int(until.timestamp()),
        "cursor": cursor,
        "after": after,
        "columns": board_queries.PACKED,
        "jobs": board_queries.packed(rows),
        "waits": {
            number: board_queries.packed_wait(one) for number, one in waiting.standing(now).items()
        },
        "crews": [_crew(one) for one in board_queries.crews(now, until)],
        "plan": None if found is None else _shown(found),
    }
    return _sent(request, orjson.dumps(answer))


def _crew(row: dict[str, Any]) -> dict[str, Any]:
    """Return a crew with its moments as seconds."""
    shift, placed = row["shift"], row["placed"]
    return row | {
        "shift": shift and [int(one.timestamp()) for one in shift],
        "placed": placed and int(placed.timestamp()),
    }


def _sent(request: HttpRequest, body: bytes) -> HttpResponse:
    """Answer with JSON, packed where the browser takes it: a winter's jobs come over a radio."""
    response = HttpResponse(content_type="application/json")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, 1, mtime=0)
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "no-store"
    response.content = body
    return response


class Move(Schema):
    """A job to give to a crew, at a place in its order; no crew: take it back.

    ``seen`` is the crew that the sender saw it with, empty for none, and ``day`` the order of the
    new crew's jobs as the sender saw it; what is left out nobody looks at.
    """

    job: str
    crew: str = ""
    place: int | None = None
    plan: int | None = None
    seen: str | None = None
    day: list[str] | None = None


@router.post(
    "/board/move",
    response=said.Moved,
    auth=permissions.api(PLAN),
    url_name="fieldwork-board-move",
)
def move(request: HttpRequest, body: Move) -> dict[str, Any]:
    """Give a job to a crew or take it back; with a plan, only in that proposal.

    Returns the rules that the job breaks there now. Refuses with `fieldwork.no_such_job` (404),
    `fieldwork.given_meanwhile`, `fieldwork.day_changed`, `fieldwork.proposal_changed`,
    `fieldwork.not_in_this_state`,
    `fieldwork.crew_empty` or `fieldwork.plan_not_open`.
    """
    by_id = who.id_of(request)
    if body.plan is not None:
        broken = planning.move(
            body.plan, job_number=body.job, crew_code=body.crew, at_place=body.place,
            by_id=by_id, seen=body.seen,
        )  # fmt: skip
    elif body.crew:
        _job, broken = giving.give_to_crew(
            body.job, crew_code=body.crew, at_place=body.place, by_id=by_id, seen=body.seen,
            seen_day=body.day,
        )  # fmt: skip
    else:
        giving.take_back(body.job, by_id=by_id, seen=body.seen)
        broken = []
    live.wake(STREAM)
    return {"broken": broken}


@router.get(
    "/jobs/{number}/crews",
    response=list[said.AbleCrew],
    auth=permissions.api(READ),
    url_name="fieldwork-job-crews",
)
def crews_for(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    """Return all crews for a job, the able one that is there first at the top.

    Each with its arrival if it went there next, the way, the jobs that wait with it, and what
    speaks against it. Refuses with `fieldwork.no_such_job` (404).
    """
    job = queries.job(number)
    if job is None:
        raise refusals.NoSuchJob(number)
    return [
        {
            "crew": one.crew.code,
            "name": one.crew.name,
            "arrive": one.arrive_at,
            "drive_s": one.drive_s,
            "drive_m": one.drive_m,
            "waiting": one.waiting,
            "faults": one.faults,
            "lacking": one.lacking,
            "by_line": one.by_line,
        }
        for one in plan_queries.candidates(job, clock.now())
    ]


@router.post(
    "/plans/{plan}/accept",
    response=said.Accepted,
    auth=permissions.api(PLAN),
    url_name="fieldwork-plan-accept",
)
def accept(request: HttpRequest, plan: int) -> dict[str, Any]:
    """Give every job of a proposal to its crew. Refuses with `fieldwork.plan_not_open`."""
    given, passed_over = planning.accept(plan, by_id=who.id_of(request))
    live.wake(STREAM)
    return {"given": given, "passed_over": passed_over}


@router.post(
    "/plans/{plan}/aside",
    response=said.Decided,
    auth=permissions.api(PLAN),
    url_name="fieldwork-plan-aside",
)
def put_aside(request: HttpRequest, plan: int) -> dict[str, Any]:
    """Decide against a proposal. Refuses with `fieldwork.plan_not_open`."""
    row = planning.put_aside(plan, by_id=who.id_of(request))
    return {"state": row.state}


def changes(cursor: tuple[int, int] | None) -> tuple[tuple[int, int], list[dict[str, Any]]]:
    """Poll of the live stream: the jobs that changed since, and why those that wait do.

    At first only where it stands.
    """
    if cursor is None:
        last = board_queries.newest()
        return (last, waiting.newest()), [{"key": "cursor", "cursor": last}]
    found = board_queries.changed(cursor[0])
    items: list[dict[str, Any]] = [
        {"key": "job", "row": row} for row in board_queries.packed(found.jobs)
    ]
    if found.crews:
        now = clock.now()
        _from_at, until = board_queries.frame(now)
        rows = board_queries.crews(now, until, found.crews)
        items += [{"key": "crew", "crew": _crew(row)} for row in rows]
    if items:
        items.append({"key": "cursor", "cursor": found.cursor})
    latest, waits = waiting.begun_after(cursor[1])
    items += [
        {"key": "wait", "job": one.job_number, "wait": board_queries.packed_wait(one)}
        for one in waits
    ]
    return (found.cursor, latest), items
