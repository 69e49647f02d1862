"""The morning of the cold wave until nine, when crews are under way and all vehicles are emptied.

Goal: a job that no crew can do says why, on the board and in the report, until a crew has it.
Method: the wave as it is played for the whole day, stopped in its fullest hours.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.fieldwork.actions import giving
from huoshui.areas.fieldwork.models import Job
from huoshui.areas.surge import facade as surge
from huoshui.areas.surge.models import SurgeReport
from huoshui.kernel import clock
from tests.journeys import wave

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
NINE_S = 3 * 3600


@pytest.fixture(scope="module")
def morning(django_db_setup, django_db_blocker, tmp_path_factory):
    """The wave until nine, played once and then undone."""
    with wave.played(NINE_S, django_db_blocker, tmp_path_factory) as found:
        yield found


class TestAShortage:
    def test_gives_each_job_its_reason_until_it_is_over(self, morning):
        """Forty crews are enough for the morning; here vehicles are emptied and jobs come back."""
        cast = morning.wave.cast
        with transaction.atomic():
            for crew in fieldwork.crew_codes():
                lying = {part: n for part, n in fieldwork.lying(f"V-{crew}").items() if n}
                if lying:
                    fieldwork.move_parts(lying, from_code=f"V-{crew}", to_code=cast.depots[0],
                                         by_id=cast.manager)  # fmt: skip
            given = Job.objects.filter(state="assigned", arrived_at=None, crew__isnull=False)
            back = [one.number for one in given.order_by("id")]
            for number in back:
                giving.take_back(number, by_id=cast.dispatcher)
            fieldwork.look_for_crews()
            kept = fieldwork.waits()
            with clock.frozen(clock.now() + timedelta(minutes=1)):
                report = surge.report(morning.surge)
            rows = SurgeReport.objects.get(number=report.number).rows

            assert set(back) <= set(kept)
            for number in back:
                first = fieldwork.able_crews(number)[0]
                assert kept[number].faults == first.faults
                assert ("parts" in first.faults) == bool(kept[number].lacking)
                assert rows[f"job:{number}"]["faults"] == list(first.faults)
            # What was handed out for a job stays with it; the others lack their parts now.
            short = [number for number in back if kept[number].lacking]
            assert len(short) >= 3

            fieldwork.give_to_crew(
                number=short[0], crew_code=kept[short[0]].crew_code, by_id=cast.dispatcher
            )
            assert short[0] not in fieldwork.waits()
            transaction.set_rollback(True)
