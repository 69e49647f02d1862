"""Many people at once: no number twice, no gap, no step doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from huoshui.kernel import cases, errors
from huoshui.kernel.cases.models import Case, CaseSeries, CaseStep

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, deed: Callable[[int], object]) -> list[str]:
    """Let so many threads do something at the same moment; return the codes of what was refused."""
    start, refused = threading.Barrier(count), []

    def one(number: int) -> None:
        try:
            start.wait()
            deed(number)
        except errors.Refused as refusal:
            refused.append(refusal.code)
        except Exception as broken:  # a thread would hide it
            refused.append(repr(broken))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


class TestAtOnce:
    def test_numbers_have_no_gap_and_no_twin(self, keys):
        def some(number: int) -> None:
            for turn in range(4):
                cases.open_case(keys.code, f"Key {number}.{turn}", by_id=None)

        assert at_once(6, some) == []
        year = Case.objects.latest("id").number[1:5]
        numbers = sorted(Case.objects.values_list("number", flat=True))
        assert numbers == [f"K{year}-{one:05d}" for one in range(1, 25)]
        assert CaseSeries.objects.get().latest == 24

    def test_one_of_many_takes_the_step(self, keys):
        number = cases.open_case(keys.code, "Key", by_id=None).number

        refused = at_once(5, lambda _one: cases.act(number, "search", by_id=None, revision=1))

        # Whoever comes late finds the case moved on: the step does not lead out of there.
        assert refused == ["cases.not_possible_here"] * 4
        assert CaseStep.objects.filter(transition="search").count() == 1

    def test_a_form_sent_many_times_opens_one_case(self, keys):
        refused = at_once(
            5, lambda _one: cases.open_case(keys.code, "Key", by_id=None, key="form-1")
        )

        assert refused == []
        assert Case.objects.count() == 1

    def test_two_that_become_each_others_duplicate_leave_one_alive(self, keys):
        one = cases.open_case(keys.code, "Key", by_id=None).number
        two = cases.open_case(keys.code, "Key", by_id=None).number
        pair = ((one, two), (two, one))

        refused = at_once(
            2, lambda turn: cases.relate(pair[turn][0], "duplicate_of", pair[turn][1], by_id=None)
        )

        assert refused == ["cases.not_related"]
        assert Case.objects.filter(state_kind="merged").count() == 1
