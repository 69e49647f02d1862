"""The JSON API of cases: the same deeds as the pages, for every kind, with the same refusals."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from huoshui.kernel import cases
from huoshui.kernel.accounts.models import User
from huoshui.kernel.cases import declaring, moving, queries, reading, refusals
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses, lists, own_fields, schemas, seen, shown
from huoshui.kernel.pages.kit import paging

router = Router()

PAGE_SIZE_MAX = 500
# A map stays readable and its answer small; the list shows the rest.
MAP_CASES_MAX = 5000
COLOURS = {"bad": "#d6293e", "warning": "#d08700"}
CALM = "#8a4fbf"
TONES = {"good": "good", "warning": "warning", "bad": "bad"}


def _rows(request: HttpRequest, type_code: str, show: str, q: str) -> QuerySet[Case]:
    rows = queries.readable(request.user, type_code)  # type: ignore[arg-type]
    case_type = declaring.case_type(type_code)
    problems = own_fields.problems_of(case_type, request.GET, lists.owner_choices)
    if show not in dict(lists.SHOWN):
        problems["show"] = _("there is no %(value)s to show") % {"value": show}
    if problems:
        raise refusals.NotUsable(problems)
    rows = lists.narrow_shown(rows, show)
    if case_type is not None:
        rows = own_fields.narrowed(rows, case_type, request.GET, lists.owner_choices)
    return queries.WORDS.narrow_all(rows, q.split()[:10]) if q else rows


@router.get(
    "/types",
    response=list[schemas.TypeSaid],
    auth=seen.SOMEBODY,
    url_name="cases-types",
)
def list_types(request: HttpRequest) -> list[schemas.TypeSaid]:
    """Tell the kinds of case that the caller may see, as they are declared."""
    return [_said(one) for one in queries.readable_types(request.user)]  # type: ignore[arg-type]


def _said(one: declaring.CaseType) -> schemas.TypeSaid:
    return schemas.TypeSaid(
        code=one.code,
        label=str(one.label),
        prefix=one.prefix,
        states=[
            schemas.StateSaid(code=state.code, label=str(state.label), kind=state.kind)
            for state in one.states
        ],
        transitions=[
            schemas.TransitionSaid(
                code=step.code,
                label=str(step.label),
                from_states=list(step.from_),
                to_state=step.to,
            )
            for step in one.transitions
        ],
        fields=[
            schemas.FieldSaid(
                code=field.code,
                label=str(field.label),
                kind=field.kind,
                required=field.required,
                private=field.private,
                choices={code: str(label) for code, label in field.choices},
            )
            for field in one.fields
        ],
    )


@router.get(
    "/cases",
    response=schemas.Cases,
    auth=seen.SOMEBODY,
    url_name="cases-cases",
)
def list_cases(
    request: HttpRequest,
    type: str = "",
    state: str = "",
    show: str = "open",
    q: str = "",
    mine: bool = False,
    offset: int = Query(0, ge=0, le=paging.PAGE_MAX * 50),
    limit: int = Query(50, ge=1, le=PAGE_SIZE_MAX),
) -> schemas.Cases:
    """List cases that the caller may see, those with the nearest deadline first.

    ``show`` is open, late, today, unowned, paused, reopened, closed or everything. With a ``type``
    its own fields narrow as well: ``f_CODE`` for a choice, a person's key, yes or no;
    ``f_CODE_from`` and ``f_CODE_to`` for numbers and days, both included. Refuses with
    `cases.unknown_type` (404), `accounts.not_allowed` (403) or `cases.not_usable` (422).
    """
    rows = _rows(request, type, show, q)
    if mine:
        rows = rows.filter(owner_id=request.user.pk)
    if state:
        rows = rows.filter(state=state)
    latest_first = show in ("closed", lists.EVERYTHING)
    order = ("-opened_at", "-pk") if latest_first else ("due_order_at", "pk")
    found = rows.select_related("owner").order_by(*order)[offset : offset + limit]
    total, _is_more = paging.counted(rows, most=paging.COUNT_MAX)
    return schemas.Cases(
        total=total, items=[schemas.CaseShort(**schemas.short(row)) for row in found]
    )


@router.post(
    "/cases",
    response={201: schemas.CaseDetail},
    auth=seen.SOMEBODY,
    url_name="cases-open",
)
def open_case(request: HttpRequest, body: schemas.NewCase) -> Status[schemas.CaseDetail]:
    """Open a case; the same ``key`` opens one case only.

    Refuses with `cases.unknown_type` (404), `accounts.not_allowed` (403) or `cases.not_usable`
    (422), which names every value that does not fit.
    """
    seen.type_or_refusal(request.user, body.type, "open")
    opened = cases.open_case(
        body.type,
        body.title,
        by_id=request.user.pk,
        fields=body.fields,
        lon=body.spot.lon if body.spot else None,
        lat=body.spot.lat if body.spot else None,
        place=body.place,
        unit=body.unit,
        owner_id=person_id(body.owner),
        priority=body.priority,
        channel=body.channel,
        links=[(one.kind, one.code) for one in body.links],
        person=body.person.dict() if body.person else None,
        caused_by=_seen_number(request, body.caused_by),
        part_of=_seen_number(request, body.part_of),
        duplicate_of=_seen_number(request, body.duplicate_of),
        due_at=body.due_at,
        key=f"api:{request.user.pk}:{body.key}"[:80] if body.key else "",
    )
    return Status(201, detail(request, opened.number))


def person_id(username: str | None) -> int | None:
    """Return the key of an active person; refuses with `cases.not_usable`."""
    if not username:
        return None
    found = User.objects.filter(username=username, is_active=True).values_list("pk", flat=True)
    person = found.first()
    if person is None:
        raise refusals.NotUsable({"owner": username})
    return person


def _seen_number(request: HttpRequest, number: str | None) -> str | None:
    return seen.case_or_refusal(request.user, number).number if number else None


@router.get(
    "/map",
    auth=seen.SOMEBODY,
    url_name="cases-map",
)
def map_layer(
    request: HttpRequest, type: str = "", show: str = "open", q: str = ""
) -> dict[str, Any]:
    """Return at most 5,000 cases with a place as GeoJSON, those with the nearest deadline first."""
    rows = _rows(request, type, show, q).filter(lat__isnull=False)
    found = seen.with_all(rows).order_by("due_order_at", "pk")[:MAP_CASES_MAX]
    return {"type": "FeatureCollection", "features": [_feature(row) for row in found]}


def _feature(row: Case) -> dict[str, Any]:
    left = shown.left_of(row)
    state = str(reading.state_label(row))
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": {
            "key": row.number,
            "label": row.number,
            "text": row.title,
            "note": f"{state} {left.text}".strip(),
            "colour": COLOURS.get(left.tone, CALM),
            "rank": 1,
            "tone": TONES.get(left.tone, "muted"),
            "href": addresses.case_url(row.number),
        },
    }


@router.get(
    "/cases/{number}",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-case",
)
def show_case(request: HttpRequest, number: str) -> schemas.CaseDetail:
    """Show a case with its history, without personal data. Refuses with `cases.unknown_case`."""
    return detail(request, number)


@router.post(
    "/cases/{number}/act",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-act",
)
def act(request: HttpRequest, number: str, body: schemas.Act) -> schemas.CaseDetail:
    """Take a step of the case's kind.

    Refuses with `cases.not_possible_here`, `cases.changed_meanwhile` (409), `cases.missing` (422),
    `accounts.not_allowed` or `cases.not_in_your_unit` (403).
    """
    row = seen.case_or_refusal(request.user, number)
    cases.act(
        row.number,
        body.transition,
        by_id=request.user.pk,
        note=body.note,
        fields=body.fields,
        checklist=body.checklist,
        owner_id=person_id(body.owner),
        unit=body.unit,
        due_at=body.due_at,
        revision=body.revision,
        key=body.key,
    )
    return detail(request, row.number)


@router.post(
    "/cases/{number}/note",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-note",
)
def note(request: HttpRequest, number: str, body: schemas.Note) -> schemas.CaseDetail:
    """Write a sentence into the timeline of a case. Refuses with `cases.missing` (422)."""
    row = seen.case_or_refusal(request.user, number)
    cases.note(row.number, body.note, by_id=request.user.pk, key=body.key)
    return detail(request, row.number)


def detail(request: HttpRequest, number: str) -> schemas.CaseDetail:
    """Return a case as the caller sees it; refuses with `cases.unknown_case`."""
    row = seen.case_or_refusal(request.user, number)
    possible = [one.code for one in moving.possible(request.user, row)]  # type: ignore[arg-type]
    return schemas.detail(row, possible)
