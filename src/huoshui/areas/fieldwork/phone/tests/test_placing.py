"""The place of a crew by its phone: in the shift only, a minute apart, forgotten when unwanted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.actions import crews
from huoshui.areas.fieldwork.tests.conftest import (  # noqa: F401
    NOW,
    day_shift,
    depot,
    make_crew,
)
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord

URL = "/api/v1/fieldwork/phone/place"


@pytest.fixture
def ours(make_crew, crew, leader, street):  # noqa: F811
    made = make_crew("Q")
    models.Crew.objects.update(lon=None, lat=None, placed_at=None)
    crews.set_members("Q", users=[crew], leader=leader, by_id=None)
    return made


def tell(phone, lon=113.61, lat=34.76):
    answer = phone.client.post(URL, {"lon": lon, "lat": lat}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()["placed"]


def place():
    return models.Crew.objects.values_list("lon", "lat").get()


class TestTellPlace:
    def test_keeps_the_last_place_and_no_way(self, phone, ours):
        assert tell(phone) == "kept"
        with clock.frozen(NOW + timedelta(minutes=1)):
            assert tell(phone, lon=113.62) == "kept"

        assert place() == (113.62, 34.76)
        told = AuditRecord.objects.filter(action="fieldwork.crew_placed")
        assert [one.detail for one in told] == [{}, {}]

    def test_keeps_nothing_sooner_than_a_minute(self, phone, ours):
        tell(phone)
        with clock.frozen(NOW + timedelta(seconds=59)):
            assert tell(phone, lon=113.62) == "too_soon"

        assert place() == (113.61, 34.76)

    @pytest.mark.parametrize("hours", [5, 16])
    def test_keeps_nothing_outside_the_shift(self, phone, ours, hours):
        # The shift goes from eight until six; now it is two in the afternoon.
        with clock.frozen(NOW + timedelta(hours=hours)):
            assert tell(phone) == "off_duty"

        assert place() == (None, None)

    def test_keeps_nothing_of_somebody_without_a_crew(self, phone, ours, leader):
        crews.set_members("Q", users=[], leader=leader, by_id=None)

        assert tell(phone) == "no_crew"

    @pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91)])
    def test_refuses_what_is_not_on_earth(self, phone, ours, lon, lat):
        answer = phone.client.post(URL, {"lon": lon, "lat": lat}, content_type="application/json")

        assert answer.status_code == 422


class TestForgetPlace:
    def test_takes_the_place_away_when_it_is_no_longer_shared(self, phone, ours):
        tell(phone)

        assert phone.client.delete(URL).status_code == 200

        assert place() == (None, None)

    def test_leaves_a_place_that_no_phone_told(self, phone, ours):
        models.Crew.objects.update(lon=113.6, lat=34.7, placed_at=NOW)

        phone.client.delete(URL)

        assert place() == (113.6, 34.7)
