"""The second person of a mass notice: another one, and nobody gets round asking for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huoshui.areas.announcements import actions, models, outbox, refusals
from huoshui.areas.announcements.contracts import Kind, State, Way
from huoshui.areas.announcements.tests.conftest import phones
from huoshui.areas.announcements.tests.test_pages import draft
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(sms):
    with clock.frozen(NOON):
        limit(5)
        yield


def limit(mass_from, by_id=None):
    """Say from how many people on a second person is needed."""
    row = outbox.house_rules()
    actions.change_rules(
        quiet_from=row.quiet_from, quiet_until=row.quiet_until, mass_from=mass_from,
        keep_days=row.keep_days, page_address="", by_id=by_id,
    )  # fmt: skip


def handed_in(count, by_id, **given):
    """Return a draft for so many people, handed in."""
    return actions.submit(draft(ways=(Way.SMS,), people=phones(count), **given), by_id=by_id)


class TestASecondPerson:
    def test_is_asked_for_a_mass_notice_that_is_told_in_parts(self, cast):
        assert handed_in(3, cast.mei.pk).state == State.QUEUING
        assert handed_in(3, cast.mei.pk).state == State.WAITING

    def test_is_not_asked_because_of_what_others_told_or_of_yesterday(self, cast):
        handed_in(3, cast.mei.pk)
        assert handed_in(3, cast.lin.pk).state == State.QUEUING
        with clock.frozen(NOON + timedelta(days=1, minutes=1)):
            assert handed_in(3, cast.mei.pk).state == State.QUEUING

    def test_is_nobody_who_changed_the_words(self, cast):
        number = draft(ways=(Way.SMS,), people=phones(5))
        said = actions.Composed(kind=Kind.TARIFF, title_zh="水价", text_zh="新的话")
        actions.reword(number, said, by_id=cast.lin.pk)
        actions.submit(number, by_id=cast.mei.pk)

        with pytest.raises(refusals.SecondPersonNeeded):
            actions.release(number, by_id=cast.lin.pk)

    def test_is_nobody_who_chose_the_people(self, cast):
        number = draft(people=phones(5))
        actions.choose_people(number, everyone=True, by_id=cast.lin.pk)
        models.Announcement.objects.filter(number=number).update(
            ways=[Way.SMS], people_total=5, gathered_at=NOON
        )
        actions.submit(number, by_id=cast.mei.pk)

        with pytest.raises(refusals.SecondPersonNeeded):
            actions.release(number, by_id=cast.lin.pk)

    def test_is_asked_of_whoever_raised_the_limit_by_the_limit_before(self, cast):
        limit(50, by_id=cast.mei.pk)
        limit(500, by_id=cast.mei.pk)

        assert handed_in(5, cast.mei.pk).state == State.WAITING
        assert handed_in(5, cast.lin.pk).state == State.QUEUING

    def test_cannot_release_what_is_over_by_then(self, cast):
        row = handed_in(5, cast.mei.pk, until_at=NOON + timedelta(hours=2))
        with clock.frozen(NOON + timedelta(hours=3)), pytest.raises(refusals.WordsImpossible):
            actions.release(row.number, by_id=cast.lin.pk)
