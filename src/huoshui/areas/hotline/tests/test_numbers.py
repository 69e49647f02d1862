"""Who reads the telephone number of a caller in full, where, and that it is recorded."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huoshui.areas.hotline.actions import wrapping
from huoshui.areas.hotline.contracts import Noted
from huoshui.areas.hotline.web import panels
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


def read_by(user):
    """Return of what somebody is recorded to have read a number."""
    rows = AuditRecord.objects.filter(action="hotline.number_read", by=user)
    return [row.subject for row in rows]


@pytest.fixture
def noted(ring, agent):
    """A call from an estate, noted."""
    where = Noted("no_water", account_code="A1", estate_code="XQ-01", place="光明小区")
    return wrapping.wrap_call(ring("13812345678").pk, where, by_id=agent.pk)


class TestLists:
    def test_panels_show_nobody_in_full(self, rf, noted, leader):
        request = rf.get("/")
        request.user = leader

        for shown in (
            panels.estate_calls(request, estate_code="XQ-01"),
            panels.account_calls(request, account_code="A1"),
        ):
            assert "138****5678" in shown
            assert "13812345678" not in shown

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_the_list_of_calls_shows_nobody_in_full(self, client, noted, leader, query):
        client.force_login(leader)

        answer = client.get(reverse("hotline:calls"), query)

        page = b"".join(answer) if answer.streaming else answer.content
        assert b"138****5678" in page
        assert b"13812345678" not in page

    def test_the_api_shows_nobody_in_full(self, client, noted, leader):
        client.force_login(leader)

        found = client.get("/api/v1/hotline/calls", {"since": "2000-01-01T00:00:00Z"})

        assert [one["caller"] for one in found.json()] == ["138****5678"]


class TestOneCall:
    def test_is_read_in_full_and_recorded(self, client, noted, leader):
        client.force_login(leader)

        page = client.get(reverse("hotline:call", args=[noted.pk])).content.decode()

        assert "13812345678" in page
        assert read_by(leader) == [f"hotline.call:{noted.pk}"]

    def test_is_recorded_of_an_agent_who_comes_back_to_an_own_call(self, client, ring, agent):
        call = ring("13812345678")
        client.force_login(agent)
        client.get(reverse("hotline:pop"), {"call": call.pk})
        assert read_by(agent) == []

        wrapping.wrap_call(call.pk, Noted("bill"), by_id=agent.pk)
        client.get(reverse("hotline:pop"), {"call": call.pk})

        assert read_by(agent) == [f"hotline.call:{call.pk}"]
