"""A staff proposal from the wish to the call-back, and what it never lets through."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest
from django.test import Client

from huoshui.areas.staff_affairs import proposals
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts.models import Post, PostHolding, User
from huoshui.kernel.cases import driving, refusals
from huoshui.kernel.notices.models import Receipt

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_ten():
    with clock.frozen(clock.now()):
        yield


def person(username: str, post: str) -> User:
    user = User.objects.create(username=username, name=username, created_at=clock.now())
    PostHolding.objects.create(user=user, post=Post.objects.get(code=post))
    return user


@pytest.fixture
def worker():
    return person("worker", "crew")


@pytest.fixture
def owner():
    return person("owner", "dispatcher")


@pytest.fixture
def boss():
    return person("boss", "manager")


@pytest.fixture
def chair():
    return person("chair", "manager")


@pytest.fixture
def raised(worker):
    return cases.open_case(
        proposals.CODE,
        "Charging piles in the bicycle shed",
        by_id=worker.pk,
        fields={"wish": "Somewhere to charge electric bicycles."},
    ).number


@pytest.fixture
def promised(raised, boss, owner):
    cases.act(
        raised,
        "promise",
        by_id=boss.pk,
        fields={"measure": "Ten charging piles"},
        owner_id=owner.pk,
        due_at=clock.now() + timedelta(days=14),
    )
    return raised


class TestProposal:
    def test_is_declared_in_under_sixty_lines(self):
        assert len(inspect.getsource(proposals).splitlines()) < 60

    def test_goes_from_the_wish_to_a_content_proposer(self, promised, owner, boss, worker):
        cases.act(promised, "finish", by_id=owner.pk, note="Ten piles stand since Monday")

        fact = cases.call_back(promised, True, score=5, by_id=boss.pk, note="Thanks")

        assert (fact.state, fact.state_kind) == ("closed", "done")

    def test_tells_the_proposer_how_it_stands(self, promised, worker):
        told = Receipt.objects.filter(user=worker).order_by("id")

        assert [one.notice.title_en for one in told] == [
            f"Your Staff proposal {promised}: Promised"
        ]

    def test_asks_for_measure_person_and_day_before_it_is_promised(self, raised, boss):
        with pytest.raises(refusals.Missing) as refused:
            cases.act(raised, "promise", by_id=boss.pk)

        assert refused.value.data["missing"] == ["measure", "owner", "due_at"]

    def test_is_not_closed_without_a_call_back(self, promised, owner, boss):
        cases.act(promised, "finish", by_id=owner.pk, note="Done")

        with pytest.raises(refusals.Missing) as refused:
            cases.act(promised, "close", by_id=boss.pk)
        assert refused.value.data["missing"] == ["call_back"]

    def test_is_not_closed_by_a_call_back_when_its_measure_was_emptied(self, promised, owner, boss):
        cases.act(promised, "finish", by_id=owner.pk, note="Done")
        cases.edit(promised, by_id=boss.pk, fields={"measure": ""})

        with pytest.raises(refusals.Missing) as refused:
            cases.call_back(promised, True, by_id=boss.pk)

        assert refused.value.data["missing"] == ["measure"]
        assert cases.case(promised).content is None

    def test_is_not_asked_about_by_who_did_it(self, raised, boss, chair):
        due = clock.now() + timedelta(days=1)
        cases.act(
            raised, "promise", by_id=chair.pk, fields={"measure": "M"}, owner_id=boss.pk, due_at=due
        )
        cases.act(raised, "finish", by_id=boss.pk, note="Done")

        with pytest.raises(refusals.Missing) as refused:
            cases.call_back(raised, True, by_id=boss.pk)
        assert refused.value.data["missing"] == ["second_person"]

    def test_is_taken_up_again_with_a_new_day_when_somebody_is_not_content(
        self, promised, owner, boss
    ):
        cases.act(promised, "finish", by_id=owner.pk, note="Done")
        with pytest.raises(refusals.Missing):
            cases.call_back(promised, False, by_id=boss.pk)
        due = clock.now() + timedelta(days=20)

        fact = cases.call_back(promised, False, by_id=boss.pk, due_at=due)

        assert (fact.state, fact.reopened_count, fact.next_due_at) == ("promised", 1, due)

    def test_tells_the_managers_of_a_missed_day(self, promised, boss, chair):
        clock.advance(timedelta(days=15))

        driving.check_deadlines(clock.now())

        told = Receipt.objects.filter(notice__key__startswith="cases.escalated:")
        assert sorted(told.values_list("user__username", flat=True)) == ["boss", "chair"]

    def test_is_finished_by_nobody_but_the_responsible_person(self, promised, worker):
        with pytest.raises(refusals.NotYours):
            cases.act(promised, "finish", by_id=worker.pk, note="Done")

    def test_is_declined_only_with_a_reason(self, raised, boss):
        with pytest.raises(refusals.Missing):
            cases.act(raised, "decline", by_id=boss.pk)

        assert cases.act(raised, "decline", by_id=boss.pk, note="No room").state == "declined"


class TestPages:
    """The same loop as people go it, through the pages that come from the declaration."""

    @pytest.fixture
    def browser(self):
        def sign_in(user: User) -> Client:
            client = Client(headers={"accept-language": "zh-hans"})
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            return client

        return sign_in

    def test_lead_from_the_wish_to_a_content_proposer(self, browser, worker, owner, boss):
        wish = {"title": "车棚装充电桩", "f_wish": "电动车没有地方充电", "priority": "normal"}
        opened = browser(worker).post(f"/cases/{proposals.CODE}/new/", wish)
        assert opened.status_code == 302
        url = opened["Location"]
        number = url.strip("/").split("/")[-1]
        desk = browser(boss)
        day = clock.local(clock.now() + timedelta(days=14))

        refused = desk.post(f"{url}do/promise/", {"f_measure": "十个充电桩"})
        assert refused.status_code == 422
        assert "十个充电桩" in refused.content.decode()
        promise = {
            "f_measure": "十个充电桩",
            "owner": owner.pk,
            "due_at": f"{day:%Y-%m-%dT%H:%M}",
        }
        assert desk.post(f"{url}do/promise/", promise).status_code == 302
        finished = browser(owner).post(f"{url}do/finish/", {"note": "周一已装好"})
        assert finished.status_code == 302
        asked = {"reached": "yes", "content": "yes", "score": "5", "note": "很满意"}
        desk.post(f"{url}call-back/", asked)

        assert cases.case(number).state == "closed"
        page = browser(worker).get(url).content.decode()
        assert "已关闭，提案人满意" in page
        assert "十个充电桩" in page

    @pytest.mark.parametrize("path", ["", "board/", "calendar/", "figures/"])
    def test_show_it_to_everybody(self, browser, raised, worker, path):
        answer = browser(worker).get(f"/cases/{proposals.CODE}/{path}")

        assert answer.status_code == 200
        assert "员工提案" in answer.content.decode()

    def test_refuse_a_decision_to_those_who_may_not(self, browser, raised, worker):
        answer = browser(worker).post(f"/cases/{raised}/do/decline/", {"note": "No"})

        assert answer.status_code == 403
        assert cases.case(raised).state == "raised"
