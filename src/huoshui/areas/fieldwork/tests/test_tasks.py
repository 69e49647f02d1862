"""Jobs that come from other areas."""

from __future__ import annotations

import pytest

from huoshui.areas.fieldwork import tasks
from huoshui.areas.fieldwork.models import Job
from huoshui.areas.network import contracts as network
from huoshui.areas.network import facade
from huoshui.democity import worlds
from huoshui.kernel import clock


@pytest.fixture
def asset_code(db, tmp_path) -> str:
    world = worlds.three_zones()
    path = tmp_path / "three-zones.inp"
    path.write_text(world.inp_text, encoding="utf-8")
    grid = facade.local_grid(lon=world.lon, lat=world.lat)
    assert facade.import_inp(path, crs=grid, by_id=None).ok
    return facade.assets(kind="pipe")[0].code


class TestMakeJobOfReport:
    def test_makes_one_job_however_often_it_is_told(self, asset_code):
        event = network.AssetJobWanted(
            report_id=7, asset_code=asset_code, text="wet road", by_id=None, at=clock.now()
        )

        tasks.make_job_of_report(event)
        tasks.make_job_of_report(event)

        job = Job.objects.get()
        assert (job.asset_code, job.description) == (asset_code, "wet road")


class TestLookForCrews:
    @pytest.mark.parametrize(("speed", "looks"), [(1.0, 2), (0.0, 2), (60.0, 1)])
    def test_looks_less_often_where_the_clock_runs_fast(self, monkeypatch, speed, looks):
        looked = []
        monkeypatch.setattr(tasks, "_looked_s", float("-inf"))
        monkeypatch.setattr(tasks.waiting, "look_again", lambda: looked.append(1))
        monkeypatch.setattr(clock, "speed", lambda: speed)

        for _time in range(2):
            tasks.look_for_crews(clock.now())

        assert len(looked) == looks
