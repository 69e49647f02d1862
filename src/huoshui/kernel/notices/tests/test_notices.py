"""Notices: who receives them, in which words, once, and who has read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, notices
from huoshui.kernel.accounts import actions
from huoshui.kernel.notices import inbox
from huoshui.kernel.notices.models import Notice, Receipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang():
    return actions.add_user("wang", "Wang", posts=("dispatcher",), password="x" * 20)[0]


@pytest.fixture
def li():
    return actions.add_user("li", "Li", posts=("crew",), password="x" * 20)[0]


@transaction.atomic
def send(**given):
    return notices.send(**({"title": "Tea is ready"} | given))


class TestSend:
    def test_reaches_users_and_the_holders_of_posts_each_once(self, wang, li):
        send(users=[wang, li.pk], posts=("dispatcher",))

        assert sorted(Receipt.objects.values_list("user__username", flat=True)) == ["li", "wang"]

    def test_reaches_nobody_who_has_left(self, wang):
        wang.is_active = False
        wang.save()

        assert send(users=[wang]) is None
        assert send(posts=("dispatcher",)) is None

    def test_keeps_the_words_of_both_languages(self, wang):
        found = send(users=[wang], title=_("Failing: %(check)s"), values={"check": _("Notices")})

        assert (found.title_en, found.title_zh) == ("Failing: Notices", "故障：通知")

    def test_says_a_thing_once_for_its_key(self, wang):
        assert send(users=[wang], key="tea:1") is not None
        assert send(users=[wang], key="tea:1") is None
        assert Notice.objects.count() == 1

    def test_says_it_again_after_it_was_over(self, wang):
        send(users=[wang], key="tea:1")

        assert notices.withdraw("tea:1")
        assert not notices.withdraw("tea:1")
        assert inbox.unread(wang.pk) == 0
        assert send(users=[wang], key="tea:1") is not None

    def test_leaves_nothing_of_a_deed_undone(self, wang):
        def undone():
            with transaction.atomic():
                notices.send(users=[wang], title="Tea")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            undone()
        assert not Notice.objects.exists()

    @pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/"])
    def test_leads_to_no_other_site(self, wang, url):
        with pytest.raises(ValueError, match="page of ours"):
            send(users=[wang], url=url)


class TestOutsideATransaction:
    @pytest.mark.django_db(transaction=True)
    def test_is_not_sent(self):
        user = actions.add_user("wu", "Wu", posts=("crew",), password="x" * 20)[0]

        with pytest.raises(transaction.TransactionManagementError):
            notices.send(users=[user], title="Tea")


class TestStream:
    def test_tells_each_inbox_how_much_is_unread_and_then_only_of_changes(self, wang, li):
        send(users=[wang, li])
        cursor, items = inbox.poll(None)
        assert {one["key"]: one["unread"] for one in items} == {
            inbox.key_of(wang.pk): 1,
            inbox.key_of(li.pk): 1,
        }

        assert inbox.poll(cursor)[1] == []
        inbox.mark_read(wang.pk)
        cursor, items = inbox.poll(cursor)
        assert items == [{"key": inbox.key_of(wang.pk), "unread": 0}]

    def test_tells_when_a_notice_was_taken_back(self, wang):
        send(users=[wang], key="tea:1")
        cursor, _items = inbox.poll(None)

        notices.withdraw("tea:1")

        assert inbox.poll(cursor)[1] == [{"key": inbox.key_of(wang.pk), "unread": 0}]


class TestInbox:
    def test_shows_ones_own_notices_only_and_reads_by_opening(self, client, wang, li):
        send(users=[li], title="For Li")
        send(users=[wang], title="For Wang", url="/notices/")
        client.force_login(wang)
        theirs = Receipt.objects.get(user=li)
        own = Receipt.objects.get(user=wang)

        page = client.get("/notices/").content.decode()
        assert "For Wang" in page
        assert "For Li" not in page
        assert client.get(f"/notices/{theirs.pk}/").status_code == 404
        assert client.get(f"/notices/{own.pk}/").status_code == 200
        own.refresh_from_db()
        theirs.refresh_from_db()
        assert own.read_at is not None
        assert theirs.read_at is None

    def test_marks_everything_as_read(self, client, wang, li):
        send(users=[wang, li])
        client.force_login(wang)

        client.post("/notices/read-all/")

        assert (inbox.unread(wang.pk), inbox.unread(li.pk)) == (0, 1)

    def test_marks_ticked_ones_and_nobody_elses(self, client, wang, li):
        send(users=[wang, li])
        client.force_login(wang)
        keys = list(Receipt.objects.values_list("pk", flat=True))

        client.post("/notices/", {"bulk": "mark_read", "id": keys})

        assert (inbox.unread(wang.pk), inbox.unread(li.pk)) == (0, 1)

    def test_shows_the_latest_first_in_whichever_order_they_were_kept(self, client, wang):
        for days in (3, 9, 1):
            with clock.frozen(clock.now() - timedelta(days=days)):
                send(users=[wang], title=f"{days} days ago")
        client.force_login(wang)

        page = client.get("/notices/").content.decode()
        told = sorted((3, 9, 1), key=lambda days: page.index(f"{days} days ago"))
        assert told == [1, 3, 9]

    def test_narrows_by_state(self, client, wang):
        send(users=[wang], title="Old")
        inbox.mark_read(wang.pk)
        send(users=[wang], title="Fresh")
        client.force_login(wang)

        page = client.get("/notices/", {"state": "unread"}).content.decode()

        assert "Fresh" in page
        assert ">Old<" not in page


class TestTidy:
    def test_removes_what_was_read_long_ago_and_keeps_what_waits(self, wang):
        old = send(users=[wang], title="Old")
        waiting = send(users=[wang], title="Waiting")
        long_ago = clock.now() - timedelta(days=120)
        Notice.objects.update(sent_at=long_ago)
        inbox.mark_read(wang.pk, Receipt.objects.get(notice=old).pk)

        inbox.tidy()

        assert list(Notice.objects.all()) == [waiting]
