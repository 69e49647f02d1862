"""The JSON API of the hotline: what the telephone system tells, and who called."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from huoshui.areas.hotline import queries, refusals, rules
from huoshui.areas.hotline.actions import telling
from huoshui.areas.hotline.contracts import EventKind, ToldEvent
from huoshui.areas.hotline.web import numbers
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import permissions

router = Router()

TIMESTAMP = "X-Huoshui-Timestamp"
SIGNATURE = "X-Huoshui-Signature"
BODY_MAX = 20_000


class Signed:
    """Lets a message in that is signed with our secret, just now; needs no session."""

    permission = permissions.PUBLIC

    def __call__(self, request: HttpRequest) -> bool:
        secret = settings.get().telephony_secret
        if secret is None:
            raise refusals.NotSetUp
        stamp = request.headers.get(TIMESTAMP, "")
        given = request.headers.get(SIGNATURE, "").removeprefix("sha256=")
        if not stamp.isdigit() or len(stamp) > 12 or len(request.body) > BODY_MAX:
            raise refusals.SignatureWrong
        if not rules.is_signed(secret.get_secret_value(), stamp, request.body, given):
            raise refusals.SignatureWrong
        age_s = clock.real_now().timestamp() - int(stamp)
        if abs(age_s) > rules.SIGNED_WITHIN.total_seconds():
            raise refusals.SignatureOld(age_s)
        return True


Short = Annotated[str, Field(max_length=100)]
Extension = Annotated[str, Field(max_length=20)]


class EventIn(Schema):
    """One thing that happened to a call."""

    event_id: Annotated[str, Field(min_length=1, max_length=100)]
    call_id: Annotated[str, Field(min_length=1, max_length=100)]
    kind: EventKind
    at: AwareDatetime
    caller: Annotated[str, Field(max_length=40)] = ""
    extension: Extension = ""
    target: Extension = ""
    recording_url: Annotated[str, Field(max_length=500, pattern=r"^(https?://.*)?$")] = ""


class EventAnswer(Schema):
    """What became of an event: where the call stands now, and whether we knew it already."""

    call_id: str
    state: Literal["ringing", "talking", "held", "ended", "abandoned"]
    repeated: bool


@router.post("/events", response={202: EventAnswer}, auth=Signed(), url_name="hotline-events")
def take_event(request: HttpRequest, event: EventIn) -> Status[dict[str, Any]]:
    """Take one event of a call; the same event may come again, late, or out of order.

    Refuses with `hotline.telephony_not_set_up` (403), `hotline.signature_wrong` and
    `hotline.signature_old` (401), `hotline.event_ahead` and `hotline.event_id_reused` (422).
    """
    call, is_new = telling.take_event(
        event.call_id,
        ToldEvent(
            event.event_id, event.kind, event.at, event.extension, event.target,
            event.recording_url,
        ),
        caller_number=event.caller,
    )  # fmt: skip
    return Status(202, {"call_id": call.ref, "state": call.state, "repeated": not is_new})


class CallOut(Schema):
    """One call; the number of the caller is masked."""

    id: int
    began_at: datetime
    state: str
    caller: str
    wait_s: float | None
    kind: str
    topic: str
    account: str
    case: str


@router.get(
    "/calls",
    response=list[CallOut],
    auth=permissions.api("hotline.read_calls"),
    url_name="hotline-calls",
)
def calls(request: HttpRequest, since: AwareDatetime, limit: int = 200) -> list[dict[str, Any]]:
    """Return calls that began since a moment, the earliest first; at most 1000 at once."""
    rows = queries.calls().filter(began_at__gte=since).order_by("began_at", "id")
    return [
        {
            "id": row.pk,
            "began_at": row.began_at,
            "state": row.state,
            "caller": numbers.in_list(row),
            "wait_s": row.wait_s,
            "kind": row.kind,
            "topic": row.topic.code if row.topic else "",
            "account": row.account_code,
            "case": row.case_number,
        }
        for row in rows[: max(1, min(limit, 1000))]
    ]
