"""A cast for fieldwork's tests: a street with two pipes, and a crew with its dispatcher.

R1 ---- p1 ---- n1 ---- p2 ---- n2        all of it is zone A
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.actions import crews as crew_actions
from huoshui.areas.fieldwork.actions import stock
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import Post, PostHolding, User

# Two in the afternoon of 2 March 2026 in the city (UTC+8).
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

TWO_PIPES = """\
[JUNCTIONS]
 n1 10 0
 n2 12 5
[RESERVOIRS]
 R1 60
[PIPES]
 p1 R1 n1 500 200 120 0 Open
 p2 n1 n2 400 150 120 0 Open
[COORDINATES]
 R1 0 0
 n1 500 0
 n2 900 0
[OPTIONS]
 Units CMH
 Headloss H-W
[END]
"""


@pytest.fixture(autouse=True)
def now() -> Iterator[datetime]:
    """Stop the clock on an ordinary afternoon."""
    with clock.frozen(NOW):
        yield NOW


@pytest.fixture
def street(db: None, tmp_path: Path) -> None:
    """Two pipes in zone A."""
    path = tmp_path / "two-pipes.inp"
    path.write_text(TWO_PIPES)
    report = network.import_inp(path, crs=network.local_grid(lon=113.6, lat=34.75), by_id=None)
    assert report.ok, report.problems
    declared = network_contracts.ZoneDeclaration(
        code="A", name="Old town", assets=("R1", "n1", "n2", "p1", "p2")
    )
    network.assign_zones([declared], by_id=None)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make somebody holding posts."""

    def make(username: str, *posts: str) -> User:
        user = User.objects.create(
            username=username, name=username.title(), language="en", created_at=NOW
        )
        for post in posts:
            PostHolding.objects.create(user=user, post=Post.objects.get(code=post))
        return user

    return make


@pytest.fixture
def dispatcher(person: Callable[..., User]) -> User:
    return person("dong", "dispatcher")


@pytest.fixture
def crew(person: Callable[..., User]) -> User:
    return person("chen", "crew")


@pytest.fixture
def leader(person: Callable[..., User]) -> User:
    return person("li", "crew_leader")


@pytest.fixture
def browser() -> Callable[[User], Client]:
    """Return a browser in which a person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def place() -> contracts.Place:
    return contracts.Place(asset_code="p2")


@pytest.fixture
def day_shift(db: None) -> models.ShiftPattern:
    """Every day from eight to six."""
    return crew_actions.keep_pattern(
        "day", name_zh="白班", name_en="Day", days="08:00-18:00", first_date=NOW.date(), by_id=None
    )


@pytest.fixture
def depot(db: None) -> models.Store:
    return stock.keep_store("D", name="Depot", is_vehicle=False, lon=113.6, lat=34.75, by_id=None)


@pytest.fixture
def make_crew(
    day_shift: models.ShiftPattern, depot: models.Store, person: Callable[..., User]
) -> Callable[..., models.Crew]:
    """Make a crew with a leader and a vehicle, at its depot or some degrees east of it."""

    def make(code: str, *skills: str, east: float = 0.0, **parts: int) -> models.Crew:
        for skill in skills:
            crew_actions.keep_skill(skill, name_zh=skill, name_en=skill.title(), by_id=None)
        van = stock.keep_store(f"V-{code}", name=f"Van {code}", is_vehicle=True, by_id=None)
        row = crew_actions.keep_crew(
            code,
            values={"name": f"Crew {code}", "pattern": day_shift, "depot": depot, "vehicle": van,
                    "lon": 113.6 + east, "lat": 34.75, "placed_at": NOW},
            skills=skills,
            by_id=None,
        )  # fmt: skip
        crew_actions.set_members(code, users=[], leader=person(f"l{code}", "crew"), by_id=None)
        for part, count in parts.items():
            stock.keep_part(part, name_zh=part, name_en=part.title(), unit="pc", by_id=None)
            way = stock.Way(contracts.Moved.RECEIVED, to_code=van.code)
            stock.move(way, {part: count}, by_id=None)
        return row

    return make


@pytest.fixture
def meter_exchange(db: None) -> models.JobType:
    """Half an hour, somebody who can fit, and one meter."""
    crew_actions.keep_skill("fit", name_zh="装表", name_en="Fitting", by_id=None)
    stock.keep_part("meter", name_zh="水表", name_en="Meter", unit="pc", by_id=None)
    return crew_actions.keep_job_type(
        "meter",
        values={"name_zh": "换表", "name_en": "Exchange a meter", "kind": "repair",
                "priority": "normal", "usual_minutes": 30},
        skills=["fit"],
        kit={"meter": 1},
        by_id=None,
    )  # fmt: skip
