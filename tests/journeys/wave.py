"""The first day of the cold wave, played in the real parts until some moment, for journeys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from huoshui.areas.surge import facade as surge
from huoshui.democity.cold_wave import office, play, script, town, truth
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions as accounts

BEGINS = datetime(2026, 1, 7, 6)  # noqa: DTZ001  (on the wall of the city)
# Who called before the moment is noted a quarter of an hour later at the latest.
NOTED_AFTER_S = 900
PEOPLE = (
    ("liwei", "李伟", "manager"),
    ("zhangmin", "张敏", "dispatcher"),
    ("wuqiang", "吴强", "service_manager"),
    ("liuyang", "刘洋", "crew_leader"),
    ("zhaolei", "赵磊", "crew"),
)


@contextmanager
def played(until_s: int, blocker, folders) -> Iterator[SimpleNamespace]:
    """Play the day until ``until_s`` after six, give what came of it, and undo it afterwards."""
    chosen = settings.get().model_copy(update={"home": folders.mktemp("home")})
    with pytest.MonkeyPatch.context() as patch, blocker.unblock():
        patch.setattr(settings, "get", lambda: chosen)
        with transaction.atomic():
            yield _play(until_s)
            transaction.set_rollback(True)
        clock.forget()


def _play(until_s: int) -> SimpleNamespace:
    begins = BEGINS.replace(tzinfo=clock.local_zone())
    clock.set_now(begins - office.WARNED_BEFORE - timedelta(hours=2), times=0)
    for username, name, post in PEOPLE:
        accounts.add_user(username, name, posts=(post,))
    written = script.write(1)
    cast = town.prepare(written, dispatcher="zhangmin", manager="liwei")
    clock.set_now(begins - office.WARNED_BEFORE, times=0)
    warning = office.warn(written, cast)
    clock.set_now(begins - timedelta(minutes=30), times=0)
    wave = play.Wave(written, cast, begins, run="journey")
    code = office.declare(cast, warning)
    office.let_crews_answer(wave, code)
    wave.begin()
    wave.stage.play(until_s + NOTED_AFTER_S)
    until = begins + timedelta(seconds=until_s)
    return SimpleNamespace(
        wave=wave, script=written, ledger=wave.ledger, from_at=begins, until=until,
        truth=truth.count(written, until_s), surge=code,
        report=surge.report(code, until, by_id=cast.manager),
    )  # fmt: skip
