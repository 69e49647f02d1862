"""Proposed rounds: kept, followed, decided, and never proposed twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import proposing, refusals
from huoshui.kernel import clock


def worth(size: float = 4.0, **changes) -> proposing.WorthWalking:
    said = {"origin": "leakage:A", "zone_code": "A", "pipes": ("p2", "p1"),
            "reason": "night_flow", "size": size, "every_days": 7,
            "figures": {"excess_m3h": size, "bursts": 2.0}}  # fmt: skip
    return proposing.WorthWalking(**{**said, **changes})


@pytest.fixture
def proposal(street):
    assert proposing.propose("leakage", [worth()]) == 1
    return models.PatrolProposal.objects.get()


class TestPropose:
    def test_keeps_pipes_in_their_order_and_follows_the_figures(self, proposal):
        again = proposing.propose("leakage", [worth(6.5)])
        proposal.refresh_from_db()

        assert again == 0
        assert (proposal.size, proposal.length_m) == (6.5, 900.0)  # 500 m and 400 m

    def test_lets_go_what_is_not_worth_it_any_more(self, proposal):
        proposing.propose("leakage", [])
        proposal.refresh_from_db()

        assert proposal.state == "lapsed"
        assert proposing.propose("leakage", [worth()]) == 1

    def test_leaves_the_proposals_of_others_alone(self, proposal):
        proposing.propose("quality", [])
        proposal.refresh_from_db()

        assert proposal.state == "open"

    def test_refuses_an_origin_of_somebody_else(self, street):
        with pytest.raises(ValueError, match="not of quality"):
            proposing.propose("quality", [worth()])

    def test_passes_over_pipes_that_nobody_knows(self, street):
        assert proposing.propose("leakage", [worth(pipes=("gone",))]) == 0


class TestRanking:
    def test_water_that_runs_off_comes_before_bursts_whatever_the_figures(self, street):
        later = clock.now() + timedelta(hours=1)
        burst = {"reason": "bursts", "figures": {"bursts": 9.0, "burst_days_ago": 12.0}}
        proposing.propose("leakage", [
            worth(20.0, origin="leakage:B", **burst), worth(0.4, origin="leakage:C"),
            worth(30.0, origin="leakage:D", **burst),
        ])  # fmt: skip
        with clock.frozen(later):
            proposing.propose("other", [worth(20.0, origin="other:A", **burst)])

        found = [one.origin for one in proposing.proposals()]

        assert found == ["leakage:C", "leakage:D", "leakage:B", "other:A"]

    def test_the_page_says_the_evidence_of_bursts_and_nothing_of_nights(
        self, street, browser, dispatcher
    ):
        proposing.propose("leakage", [
            worth(2.5, reason="bursts",
                  figures={"bursts": 9.0, "burst_pipes": 4.0, "burst_days_ago": 12.0}),
        ])  # fmt: skip
        page = browser(dispatcher).get(reverse("patrol:proposals")).content.decode()

        for said in ("9 leaks found in 3 years", "latest 12 days ago", "2.5 leaks a kilometre"):
            assert said in page
        assert "nights" not in page


class TestDeciding:
    def test_accepting_makes_the_round_with_what_is_on_its_pipes(self, proposal, dispatcher):
        made = proposing.accept(proposal.pk, code="CL-01", name="Survey", by_id=dispatcher.pk)

        assert set(made.asset_codes) >= {"p1", "p2"}
        assert (made.every_days, made.purpose, made.zone_code) == (7, "leak_survey", "A")
        assert proposing.propose("leakage", [worth(9.0)]) == 0
        with pytest.raises(refusals.ProposalDecided):
            proposing.decline(proposal.pk, note="no", by_id=dispatcher.pk)

    def test_a_retired_round_lets_it_be_proposed_again(self, proposal, dispatcher):
        made = proposing.accept(proposal.pk, code="CL-01", name="Survey", by_id=dispatcher.pk)
        models.PatrolRound.objects.filter(pk=made.pk).update(is_retired=True)

        assert proposing.propose("leakage", [worth()]) == 1

    def test_what_is_declined_rests_for_thirty_days(self, proposal, dispatcher):
        proposing.decline(proposal.pk, note="street is closed", by_id=dispatcher.pk)
        soon = proposing.propose("leakage", [worth()])
        with clock.frozen(clock.now() + timedelta(days=31)):
            later = proposing.propose("leakage", [worth()])

        assert (soon, later) == (0, 1)


class TestPages:
    def test_show_why_and_make_the_round(self, proposal, browser, dispatcher):
        desk = browser(dispatcher)
        listed = desk.get(reverse("patrol:proposals")).content.decode()
        page = desk.get(reverse("patrol:proposal", args=[proposal.pk])).content.decode()
        form = desk.get(reverse("patrol:accept-proposal", args=[proposal.pk]))
        made = desk.post(reverse("patrol:accept-proposal", args=[proposal.pk]),
                         {"code": "CL-01", "name": "Survey"})  # fmt: skip

        assert "4 m³/h" in listed
        assert "p1" in page
        assert form.context["form"].initial["code"] == "CL-01"
        assert made.url == reverse("patrol:round", args=["CL-01"])

    def test_list_water_that_runs_off_now_before_bursts(self, proposal, browser, dispatcher):
        models.PatrolProposal.objects.update(reason="night_flow", size=16.0, zone_code="first")
        rest = models.PatrolProposal.objects.get()
        rest.pk, rest.origin, rest.zone_code = None, "leakage:second", "second"
        rest.reason, rest.size = "bursts", 0.6
        rest.save()
        text = browser(dispatcher).get(reverse("patrol:proposals")).content.decode()

        assert 0 < text.index(">first<") < text.index(">second<")

    @pytest.mark.parametrize(("reason", "shown"), [("bursts", False), ("night_flow", True)])
    def test_say_nothing_of_nights_for_bursts(self, proposal, browser, dispatcher, reason, shown):
        figures = {"excess_m3h": 0.0, "nights_above": 0.0, "bursts": 3.0}
        models.PatrolProposal.objects.update(reason=reason, figures=figures)
        desk = browser(dispatcher)
        urls = reverse("patrol:proposals"), reverse("patrol:proposal", args=[proposal.pk])
        pages = [desk.get(url).content.decode() for url in urls]

        for text in pages:
            assert "3 leaks found in 3 years" in text
            assert ("of the last 7 nights" in text) is shown

    def test_decline_only_for_those_who_plan(self, proposal, browser, dispatcher, person):
        url = reverse("patrol:decline-proposal", args=[proposal.pk])
        reader = browser(person("reader", "viewer")).post(url, {"note": "no"})
        leader = browser(dispatcher).post(url, {"note": "no"})

        assert (reader.status_code, leader.status_code) == (403, 302)
