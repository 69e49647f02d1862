"""What people ask of a rehearsal, and what its player tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors
from huoshui.kernel.rehearsals.models import Rehearsal

SPEEDS = (20.0, 60.0)
# What may be asked in each state.
MAY = {
    "idle": ("start",), "over": ("start",), "stopped": ("start",), "preparing": ("stop",),
    "running": ("hold", "stop"), "held": ("go_on", "stop"),
}  # fmt: skip
TOLD_MAX = 14
STOPPED_WITH_THE_DEMO = (
    "演示程序曾停止，演练随之结束；已登记的都保留",
    "Over, because the demo was stopped; what was begun stays",
)


class NoSuchRehearsal(errors.Refused):
    """Nobody plays a rehearsal of this name here."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "rehearsals.no_such",
            _("There is no rehearsal %(code)s.") % {"code": code},
            data={"code": code},
            next_step=_("Rehearsals are played in the demo: ./huoshui demo."),
        )


class NotNow(errors.Refused):
    """A rehearsal cannot do now what is asked of it."""

    status = 409

    def __init__(self, code: str, wanted: str) -> None:
        super().__init__(
            "rehearsals.not_now",
            _("This cannot be asked of the rehearsal now."),
            data={"code": code, "wanted": wanted},
            next_step=_("Look at how far it is."),
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """A rehearsal as its player offers it; ``parts`` are code, Chinese and English."""

    code: str
    name_zh: str
    name_en: str
    text_zh: str
    text_en: str
    parts: tuple[tuple[str, str, str], ...] = ()


def offer(one: Offer) -> None:
    """Let a rehearsal stand on the page; what was running when its player died is stopped."""
    row, _made = Rehearsal.objects.update_or_create(
        code=one.code,
        defaults={
            "name_zh": one.name_zh, "name_en": one.name_en, "text_zh": one.text_zh,
            "text_en": one.text_en, "parts": [list(part) for part in one.parts],
            "seen_at": clock.real_now(),
        },
    )  # fmt: skip
    if row.state in ("preparing", "running", "held"):
        tell(one.code, state="stopped", happened=STOPPED_WITH_THE_DEMO)
    Rehearsal.objects.filter(code=one.code).update(wanted="")


def rehearsal(code: str) -> Rehearsal | None:
    """Return a rehearsal as it stands, or None."""
    return Rehearsal.objects.filter(code=code).first()


@transaction.atomic
def ask(
    code: str, wanted: str, *, speed: float = 60.0, played: Iterable[str] = (), by_id: int | None
) -> None:
    """Ask something of a rehearsal: start, hold, go_on or stop, or another speed.

    Refuses what it cannot do in its state.
    """
    row = Rehearsal.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NoSuchRehearsal(code)
    if wanted not in MAY[row.state] or speed not in SPEEDS:
        raise NotNow(code, wanted)
    row.wanted, row.speed, row.asked_by_id = wanted, speed, by_id
    if wanted == "start":
        known = {part[0] for part in row.parts}
        row.played_by_person = sorted(known & set(played))
    row.save(update_fields=["wanted", "speed", "asked_by", "played_by_person"])
    audit.record(by_id, "rehearsals.asked", f"rehearsals.rehearsal:{code}", {"wanted": wanted})


def take_wish(code: str) -> tuple[str, Rehearsal] | None:
    """Return what people want of a rehearsal and take it away; None where nothing is wanted."""
    row = rehearsal(code)
    if row is None or not row.wanted:
        return None
    Rehearsal.objects.filter(pk=row.pk, wanted=row.wanted).update(wanted="")
    return row.wanted, row


def tell(code: str, *, happened: tuple[str, str] | None = None, **values: Any) -> None:
    """Keep how a rehearsal goes; ``happened`` is a sentence in Chinese and English."""
    row = rehearsal(code)
    if row is None:
        return
    if happened is not None:
        line = {"at": clock.now().isoformat(), "zh": happened[0], "en": happened[1]}
        values["told"] = [line, *row.told][:TOLD_MAX]
    values["seen_at"] = clock.real_now()
    Rehearsal.objects.filter(pk=row.pk).update(**values)


def counted(lines: Iterable[tuple[str, str, int | None, int]]) -> list[Mapping[str, Any]]:
    """Return figures as they are kept: Chinese, English, what the script says, what is there."""
    return [{"zh": zh, "en": en, "said": said, "there": there} for zh, en, said, there in lines]
