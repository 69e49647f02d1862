"""Adding a announcement."""

from __future__ import annotations

import pytest

from huoshui.areas.announcements import actions, facade

pytestmark = pytest.mark.django_db


class TestAddAnnouncement:
    def test_keeps_it(self):
        added = actions.add_announcement(code="A-1", name="One", by_id=None)

        assert facade.announcements() == [added]

    def test_refuses_a_code_twice(self):
        actions.add_announcement(code="A-1", name="One", by_id=None)

        with pytest.raises(actions.CodeTaken):
            actions.add_announcement(code="A-1", name="Two", by_id=None)

    def test_refuses_a_code_that_cannot_be(self):
        with pytest.raises(actions.CodeNotPossible):
            actions.add_announcement(code="A 1", name="One", by_id=None)
