"""The cast of fieldwork, a type of job with a kit, and plans at its street."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.actions import crews, stock
from huoshui.areas.fieldwork.tests.conftest import (  # noqa: F401
    browser,
    crew,
    day_shift,
    depot,
    dispatcher,
    leader,
    make_crew,
    now,
    person,
    street,
)
from huoshui.areas.fieldwork.upkeep import actions


@pytest.fixture
def greasing(db: None) -> models.JobType:
    """Twenty minutes and a tin of grease."""
    stock.keep_part("grease", name_zh="润滑脂", name_en="Grease", unit="kg", by_id=None)
    return crews.keep_job_type(
        "greasing",
        values={"name_zh": "润滑保养", "name_en": "Greasing", "kind": "inspection",
                "priority": "low", "usual_minutes": 20},
        skills=[], kit={"grease": 1}, by_id=None,
    )  # fmt: skip


@pytest.fixture
def make_plan(street: None, greasing: models.JobType) -> Callable[..., models.MaintenancePlan]:  # noqa: F811
    """Make a plan at pipe p2, done last on the first of February, every thirty days."""

    def make(code: str = "P1", **changes: Any) -> models.MaintenancePlan:
        values = {"name": "Grease the spindle", "asset_code": "p2", "job_type": greasing,
                  "every_days": 30, "done_date": date(2026, 2, 1), **changes}  # fmt: skip
        return actions.keep_plan(code, values, by_id=None)[0]

    return make
