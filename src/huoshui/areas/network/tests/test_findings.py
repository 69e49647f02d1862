"""The list of findings: what it says, and who may run the checks or accept one."""

from __future__ import annotations

import pytest
from django_tasks_db.models import DBTaskResult

from huoshui.areas.network import actions
from huoshui.areas.network.models import Asset, Finding

pytestmark = pytest.mark.usefixtures("l_town")


class TestFindings:
    def test_say_what_they_mean_and_can_be_accepted(self, signed_in):
        Asset.objects.filter(code="p1").update(diameter_mm=None)
        actions.run_checks(by_id=None)
        row = Finding.objects.get(check_code="no_diameter")
        engineer = signed_in("leakage_engineer")
        assert b"Diameter not known" in engineer.get("/network/checks/").content
        page = engineer.get(f"/network/checks/{row.pk}/").content
        assert b"Nobody has said how wide this pipe is." in page

        engineer.post(f"/network/checks/{row.pk}/accept/", {"reason": "not measured"})

        assert b"not measured" in engineer.get("/network/checks/?state=accepted").content
        assert b"p1<" not in engineer.get("/network/checks/?state=open&check=no_diameter").content

    def test_are_looked_for_in_the_background(self, signed_in):
        answer = signed_in("manager").post("/network/checks/run/")

        assert answer.status_code == 302
        assert DBTaskResult.objects.filter(task_path__endswith="check_network").exists()

    def test_are_not_run_by_who_may_only_read(self, signed_in):
        viewer = signed_in("viewer")

        assert viewer.get("/network/checks/").status_code == 200
        assert viewer.post("/network/checks/run/").status_code == 403
