"""Other areas are told once that a crew is at its job, however it was said."""

from __future__ import annotations

import pytest

from huoshui.areas.fieldwork import actions, contracts
from huoshui.areas.fieldwork.actions import giving
from huoshui.kernel.events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(street, dispatcher, place, crew, now):
    job = actions.request_job(place=place, by_id=dispatcher.pk, origin="hotline.case:BX1")
    return actions.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)


def told():
    return [one.payload["origin"] for one in Event.objects.filter(kind__endswith="JobBegun")]


class TestBegun:
    def test_is_told_once(self, given, crew):
        giving.set_off(given.number, by=crew)
        assert told() == []

        giving.arrive(given.number, by=crew)
        giving.arrive(given.number, by=crew)

        assert told() == ["hotline.case:BX1"]

    def test_is_told_when_a_phone_says_it(self, given, crew, now):
        giving.note_arrival(given, at=given.requested_at, by_id=crew.pk)

        assert told() == ["hotline.case:BX1"]

    def test_is_not_told_of_a_job_that_is_over(self, given, crew):
        actions.report_job(number=given.number, by=crew, found=contracts.Found.THAWED, note="x")
        given.refresh_from_db()

        giving.note_arrival(given, at=given.requested_at, by_id=crew.pk)

        assert told() == []
