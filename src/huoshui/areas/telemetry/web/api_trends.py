"""The JSON API of trends: lines worked out from formulas, and remarks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from huoshui.areas.telemetry import contracts, labels, models, queries, rule_faults
from huoshui.areas.telemetry.trends import formulas, remarks
from huoshui.areas.telemetry.web import asking, charts, schemas
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.lab.series import expression

router = Router()
read = permissions.api("telemetry.read")
annotate = permissions.api("telemetry.annotate")

DECIMALS = 2
JSON = "application/json"

From = Annotated[AwareDatetime, Query(alias="from")]


class FormulaNotUsable(errors.Refused):
    """A formula that cannot be worked out; ``position`` counts its characters from 0."""

    status = 422

    def __init__(self, faults: list[rule_faults.Fault]) -> None:
        position = faults[0].values.get("position")
        super().__init__(
            "telemetry.formula_not_usable",
            _("The formula cannot be used: %(why)s.")
            % {"why": "; ".join(str(labels.fault_text(one)) for one in faults)},
            data={"position": position - 1 if isinstance(position, int) else None},
            next_step=_("Correct the formula and add it again."),
        )


class Remark(Schema):
    """A remark as charts draw it."""

    id: int
    point: str
    from_ms: int
    until_ms: int | None
    text: str
    by: str
    own: bool


class NewRemark(Schema):
    """What somebody wants to remark on."""

    point: str
    text: str
    from_at: Annotated[AwareDatetime, Field(alias="from")]
    until: AwareDatetime | None = None


class ChangedRemark(Schema):
    """The new words of a remark."""

    text: str


@router.get("/formula", response=schemas.Chart, auth=read, url_name="telemetry-formula")
def formula(
    request: HttpRequest,
    text: str,
    from_at: From,
    until: AwareDatetime,
    max_points: Annotated[int, Query(ge=100, le=10_000)] = 2000,
    label: str = "",
    unit: str = "",
) -> HttpResponse:
    """Return the line of a formula over points, such as `{p227.flow} + {p235.flow}`.

    Up to eight days it is worked out from readings, beyond that from hourly means. Refuses with
    `telemetry.formula_not_usable` (422) and the place of the fault.
    """
    asking.check_period(from_at, until)
    faults = rule_faults.of_formula("formula", text, queries.point_ids(), looks_back=True)
    if faults:
        raise FormulaNotUsable(faults)
    made = expression.compile(text)
    series = formulas.line(made, from_at, until, max_points)
    answer = {
        "from_ms": int(from_at.timestamp() * 1000),
        "until_ms": int(until.timestamp() * 1000),
        "series": [{**_facts(made, text, label, unit), **charts.columns(DECIMALS, series)}],
    }
    return HttpResponse(charts.encode(answer), content_type=JSON)


def _facts(made: expression.Expression, text: str, label: str, unit: str) -> dict[str, Any]:
    """Return what a chart writes beside the line of a formula."""
    inputs = queries.points(sorted(made.names))
    units = {point.unit for point in inputs}
    every = [point.expected_every_s for point in inputs if point.expected_every_s]
    return {
        "code": f"={text}",
        "name": label or text,
        "kind": "calculated",
        # Of points of one unit the line most likely has it too; who knows better says so.
        "unit": unit or (units.pop() if len(units) == 1 else ""),
        "decimals": DECIMALS,
        "expected_every_s": max(every) if every else None,
        "limits": {"low_low": None, "low": None, "high": None, "high_high": None},
    }


@router.get("/remarks", response=list[Remark], auth=read, url_name="telemetry-remarks")
def found(
    request: HttpRequest, points: str, from_at: From, until: AwareDatetime
) -> list[dict[str, Any]]:
    """Return the remarks on some points within a period."""
    asking.check_period(from_at, until)
    reader = asking.reader_id(request)
    rows = remarks.of_points(asking.split_codes(points), from_at, until)
    return [_answer(row, reader) for row in rows]


@router.post(
    "/remarks",
    response={200: Remark, 404: schemas.Refusal, 422: schemas.Refusal},
    auth=annotate,
    url_name="telemetry-remark",
)
def write(request: HttpRequest, body: NewRemark) -> dict[str, Any]:
    """Leave a remark on a point, for a moment or a span."""
    by_id = asking.reader_id(request)
    row = remarks.write(body.point, body.text, from_at=body.from_at, until=body.until, by_id=by_id)
    return _answer(row, by_id)


@router.post(
    "/remarks/{int:remark_id}",
    response={200: Remark, 404: schemas.Refusal, 422: schemas.Refusal},
    auth=annotate,
    url_name="telemetry-change-remark",
)
def change(request: HttpRequest, remark_id: int, body: ChangedRemark) -> dict[str, Any]:
    """Change the words of one's own remark."""
    by_id = asking.reader_id(request)
    return _answer(remarks.change(remark_id, body.text, by_id=by_id), by_id)


@router.post(
    "/remarks/{int:remark_id}/remove",
    response={200: Remark, 404: schemas.Refusal},
    auth=annotate,
    url_name="telemetry-remove-remark",
)
def remove(request: HttpRequest, remark_id: int) -> dict[str, Any]:
    """Take one's own remark away; it can be brought back."""
    by_id = asking.reader_id(request)
    return _answer(remarks.remove(remark_id, by_id=by_id), by_id)


@router.post(
    "/remarks/{int:remark_id}/bring-back",
    response={200: Remark, 404: schemas.Refusal},
    auth=annotate,
    url_name="telemetry-bring-back-remark",
)
def bring_back(request: HttpRequest, remark_id: int) -> dict[str, Any]:
    """Bring a remark of one's own back."""
    by_id = asking.reader_id(request)
    return _answer(remarks.remove(remark_id, by_id=by_id, back=True), by_id)


def _answer(row: models.Remark, reader: int) -> dict[str, Any]:
    return {
        "id": row.pk,
        "point": row.point.code,
        "from_ms": _ms(row.from_at),
        "until_ms": None if row.until is None else _ms(row.until),
        "text": row.text,
        "by": row.written_by.name if row.written_by else "",
        "own": row.written_by_id == reader,
    }


def _ms(at: datetime) -> int:
    return contracts.to_us(at) // 1000
