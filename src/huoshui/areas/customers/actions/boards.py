"""Notice boards of specialists: where they hang, and what residents send by their code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy

from huoshui.areas.customers import case_types, contracts, rules
from huoshui.areas.customers.models import Board, BoardReport, Estate, Grid
from huoshui.areas.customers.refusals import (
    Impossible,
    NoSpecialist,
    NoSuch,
    NotNow,
    TooManyReports,
)
from huoshui.kernel import audit, cases, clock, events, files


def hang_board(
    estate_code: str,
    *,
    place: str,
    by_id: int | None,
    valid_until: date | None = None,
    photo: Any = None,
) -> Board:
    """Record that a board with the present specialist hangs in an estate.

    Refuses an estate without a specialist (`customers.no_specialist`), a board that is outdated
    already (`customers.impossible`), and what is no photo.
    """
    now = clock.now()
    today = clock.local(now).date()
    until = valid_until or today + rules.BOARD_VALID
    if until < today:
        raise Impossible(
            gettext_lazy("The board would be outdated already."), gettext_lazy("Correct the day.")
        )
    with transaction.atomic():
        estate = Estate.objects.select_related("grid").filter(code=estate_code).first()
        if estate is None:
            raise NoSuch(gettext_lazy("Estate"), estate_code)
        if estate.grid is None or estate.grid.specialist_id is None:
            raise NoSpecialist(estate_code)
        board = Board.objects.create(
            estate=estate,
            grid=estate.grid,
            shows_id=estate.grid.specialist_id,
            place=place.strip()[:200] or estate.name,
            hung_at=now,
            hung_by_id=by_id,
            valid_until_date=until,
            photo=files.keep(photo, by_id, "customers.board") if photo else None,
        )
        audit.record(
            by_id, "customers.board_hung", f"customers.estate:{estate_code}",
            {"until_date": until.isoformat(), "text": board.place},
        )  # fmt: skip
    return board


def take_down(board_id: int, *, by_id: int | None) -> Board:
    """Record that a board was taken down. Refuses one that was (`customers.not_now`)."""
    with transaction.atomic():
        board = (
            Board.objects.select_for_update().select_related("estate").filter(pk=board_id).first()
        )
        if board is None:
            raise NoSuch(gettext_lazy("Notice board"), board_id)
        if board.removed_at is not None:
            raise NotNow
        board.removed_at = clock.now()
        board.save(update_fields=["removed_at"])
        audit.record(
            by_id, "customers.board_removed", f"customers.estate:{board.estate.code}",
            {"text": board.place},
        )  # fmt: skip
    return board


def receive_report(
    grid_code: str,
    *,
    text: str,
    estate_code: str = "",
    name: str = "",
    phone: str = "",
    photo: Any = None,
    address: str = "",
) -> str:
    """Take what a resident sends by the code of a board; return the number of its case.

    The specialist of the grid is responsible. Of ``address`` only a keyed hash is kept, that
    changes daily. Refuses more than some reports an hour from one address or for one grid
    (`customers.too_many_reports`).
    """
    now = clock.now()
    if not text.strip():
        raise Impossible(
            gettext_lazy("Nothing was written."),
            gettext_lazy("Say in a few words what it is about."),
        )
    day = clock.local(now).date().isoformat()
    sender = salted_hmac("customers.sender", f"{day} {address}", algorithm="sha256")
    with transaction.atomic():
        grid = Grid.objects.select_for_update().filter(code=grid_code).first()
        if grid is None:
            raise NoSuch(gettext_lazy("Grid"), grid_code)
        _refuse_too_many(grid, sender.hexdigest()[:32])
        estate = grid.estates.filter(code=estate_code).first() if estate_code else None
        kept = files.keep(photo, None, case_types.board_report().photo_kind) if photo else None
        links = [("customers.grid", grid.code)]
        if estate is not None:
            links.append(("customers.estate", estate.code))
        opened = cases.open_case(
            case_types.BOARD_REPORT,
            _short(text),
            fields={"what": text.strip()[:1000]},
            lon=estate.lon if estate else None,
            lat=estate.lat if estate else None,
            place=estate.name if estate else grid.name,
            owner_id=grid.specialist_id,
            channel="code",
            links=links,
            person={"name": name.strip()[:100], "phone": rules.phone_digits(phone)},
            photos=[kept.pk] if kept else (),
            by_id=None,
        )
        BoardReport.objects.create(
            grid=grid, estate=estate, sender=sender.hexdigest()[:32], reported_at=now,
            case_number=opened.number,
        )  # fmt: skip
        audit.record(
            None, "customers.board_report", f"customers.grid:{grid.code}", {"code": opened.number}
        )
        events.publish(
            contracts.BoardReported(
                case_number=opened.number,
                grid_code=grid.code,
                estate_code=estate.code if estate else "",
                at=now,
            )
        )
    return opened.number


def _refuse_too_many(grid: Grid, sender: str) -> None:
    latest = BoardReport.objects.filter(reported_at__gt=clock.now() - timedelta(hours=1))
    if (
        latest.filter(sender=sender).count() >= rules.REPORTS_PER_SENDER_H
        or latest.filter(grid=grid).count() >= rules.REPORTS_PER_GRID_H
    ):
        raise TooManyReports


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"


__all__ = ["hang_board", "receive_report", "take_down"]
