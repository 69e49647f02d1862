"""``POST /api/v1/telemetry/push``: readings sent by other programs, with a token of their own.

The answer is 202 only when everything that could be read is safely on disk. Who gets no answer
sends again: readings of the same point and moment replace themselves, and with the same
``Idempotency-Key`` the first answer is given once more.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Header, Query, Router, Schema, Status

from huoshui.areas.telemetry import facade as telemetry
from huoshui.areas.telemetry.contracts import Source
from huoshui.connecting import messages
from huoshui.connecting.feed import batches_of, unknown_of
from huoshui.connecting.health import Health
from huoshui.connectors.http import bodies
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions

router = Router()

PROBLEMS_TOLD = 20
UNKNOWN_TOLD = 100


class BodyTooLarge(errors.Refused):
    """More was pushed at once than is read."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            "telemetry.push_too_large",
            _("The body is larger than %(allowed)d bytes.") % {"allowed": messages.MAX_BYTES},
            data={"allowed_bytes": messages.MAX_BYTES},
            next_step=_("Send it in several parts."),
        )


class NothingReadable(errors.Refused):
    """Not one reading of a body could be used; every problem is named."""

    status = 422

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(
            "telemetry.push_not_readable",
            _("No reading of this body can be used."),
            data=answer,
            next_step=_("Correct the problems named and send it again."),
        )


class PushProblem(Schema):
    """One thing that was wrong with a body: a stable code, where, and a sentence."""

    code: str
    where: str
    message: str


class PushAnswer(Schema):
    """What became of a body. ``unknown`` readings are kept until somebody adopts their codes."""

    accepted: int
    unknown: dict[str, int]
    without_value: int
    refused: int
    problems: list[PushProblem]
    repeated: bool = False


@functools.cache
def _store() -> Any:
    return telemetry.handing_in()


_healths: dict[str, Health] = {}
_lock = threading.Lock()


def _health(source: Source) -> Health:
    with _lock:
        found = _healths.get(source.code)
        if found is None:
            found = _healths[source.code] = Health(
                name=source.code, address="/api/v1/telemetry/push", connector="http"
            )
        return found


@router.post(
    "/push",
    response={202: PushAnswer},
    auth=permissions.api("telemetry.push"),
    url_name="telemetry-push",
)
def push(
    request: HttpRequest,
    source: Annotated[str, Query(max_length=40, description="Code of the data source.")],
    key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Status[dict[str, Any]]:
    """Take readings: JSON, JSON lines or CSV, by the Content-Type.

    Refuses with `telemetry.no_such_source` (404), `telemetry.source_paused` (409),
    `telemetry.push_too_large` (413), `telemetry.push_not_readable` and
    `telemetry.push_key_reused` (422); `telemetry.journal_unavailable` (503) says when to try again.
    """
    sender = telemetry.pushing_source(source)
    # Not request.body: its limit is meant for forms, and it would read all before refusing.
    body = request.read(messages.MAX_BYTES + 1)
    if len(body) > messages.MAX_BYTES:
        raise BodyTooLarge
    digest = hashlib.sha256(body).hexdigest()
    if key:
        before = telemetry.pushed_before(source, key, digest)
        if before is not None:
            return Status(202, {**before, "repeated": True})
    store = _store().look()
    columns = bodies.read(
        body, request.headers.get("Content-Type", ""), lambda code: store.id_of(source, code)
    )
    answer = {
        "accepted": len(columns),
        "unknown": {code: one.count for code, one in list(columns.unknown.items())[:UNKNOWN_TOLD]},
        "without_value": columns.empty,
        "refused": columns.refused,
        "problems": [
            {"code": one.code, "where": one.where, "message": one.message}
            for one in columns.problems[:PROBLEMS_TOLD]
        ],
    }
    health = _health(sender)
    health.arrived(columns, where="push")
    try:
        if columns.problems and not len(columns) and not columns.unknown:
            raise NothingReadable(answer)
        store.keep_unknown(unknown_of(source, columns))
        health.stored(store.accept_many(batches_of([(source, columns)])))
        health.connected()
    except errors.Unavailable as fault:
        health.store_failed(fault)
        raise
    finally:
        telemetry.report_connector(health.report())
    if key:
        telemetry.remember_push(source, key, digest, answer)
    return Status(202, answer)
