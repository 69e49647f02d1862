"""The people of the hotline, its topics, and calls to take."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from huoshui.areas.hotline import facade
from huoshui.areas.hotline.actions import seats, topics
from huoshui.areas.hotline.contracts import EventKind, ToldEvent
from huoshui.areas.hotline.models import Call
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts

_numbers = itertools.count(1)


@pytest.fixture
def standard_topics(db):
    """The topics of the first day; a migrated database has them already."""
    topics.fill_standard()


@pytest.fixture
def agent(standard_topics):
    """An agent who sits at extension 8001."""
    user, _ = accounts.add_user("mei", "周梅", posts=("hotline_agent",))
    seats.sit_down(user_id=user.pk, extension="8001")
    return user


@pytest.fixture
def leader(standard_topics):
    """The service manager."""
    return accounts.add_user("qiang", "吴强", posts=("service_manager",))[0]


@pytest.fixture
def ring(agent):
    """Let somebody call, be answered, and hang up after a while unless ``goes_on``."""

    def call(
        number="13812345678", *, answered=True, goes_on=False, began_s_ago=120, extension="8001"
    ):
        ref = f"c-{next(_numbers)}"
        began = clock.now() - timedelta(seconds=began_s_ago)
        told = [ToldEvent("1", EventKind.RINGING, began, extension)]
        if answered:
            told.append(ToldEvent("2", EventKind.ANSWERED, began + timedelta(seconds=8), extension))
        if not goes_on:
            told.append(ToldEvent("3", EventKind.ENDED, began + timedelta(seconds=100)))
        for event in told:
            pk = facade.take_event(ref, event, caller_number=number)
        return Call.objects.get(pk=pk)

    return call
