"""A cast for leakage's tests: zone A behind one meter, its people, and nights as wished.

R1 ==[p1, metered]== n1 ---- p2 ---- n2        all of it is zone A
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from huoshui.areas.leakage import facade, judging, models, queries
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import Post, PostHolding, User

TODAY = date(2026, 3, 2)
# Six in the morning of 2 March 2026 in the city (UTC+8): tonight's window is over.
NOW = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
USUAL_M3H = 10.0
NOISE_M3H = 0.3

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
    """Stop the clock in the morning, after the night was measured."""
    with clock.frozen(NOW):
        yield NOW


@pytest.fixture
def street(db: None, tmp_path: Path) -> None:
    """Zone A with its points declared."""
    path = tmp_path / "two-pipes.inp"
    path.write_text(TWO_PIPES)
    report = network.import_inp(path, crs=network.local_grid(lon=113.6, lat=34.75), by_id=None)
    assert report.ok, report.problems
    declared = network_contracts.ZoneDeclaration(
        code="A", name="Old town", assets=("R1", "n1", "n2", "p1", "p2")
    )
    network.assign_zones([declared], by_id=None)
    telemetry.declare_points(
        [
            point("p1.flow", "flow"),
            point("p2.flow", "flow"),
            point("T1.level", "level"),
            point("n1.use", "use"),
            point("n2.use", "use"),
        ],
        by_id=None,
    )


def point(code: str, kind: str) -> telemetry_contracts.PointDeclaration:
    return telemetry_contracts.PointDeclaration(
        code=code, name_en=code, name_zh=code, kind=kind, expected_every_s=300
    )


@pytest.fixture
def zone(street: None) -> models.ZoneSetup:
    """Zone A, watched for a year, at 3 yuan a cubic metre."""
    facade.set_up_zone(
        "A",
        inlets=["p1.flow"],
        price_cents_per_m3=300,
        watched_since=TODAY - timedelta(days=365),
    )
    setup = queries.setup("A")
    assert setup is not None
    return setup


@pytest.fixture
def nights(zone: models.ZoneSetup) -> Callable[..., None]:
    """Measure nights up to a day as wished: ``extra_m3h`` on top for the latest ``leaking``."""

    def measure(count: int, until: date, *, leaking: int = 0, extra_m3h: float = 0.0) -> None:
        rng = np.random.default_rng(20260302)
        noise = rng.normal(0.0, NOISE_M3H, 1000)
        for age in range(count, 0, -1):
            night = until - timedelta(days=age - 1)
            extra = extra_m3h if age <= leaking else 0.0
            flow_m3h = USUAL_M3H + extra + float(noise[night.toordinal() % 1000])
            models.NightFlow.objects.update_or_create(
                setup=zone,
                night_date=night,
                defaults={
                    "state": "learning",
                    "inflow_m3h": flow_m3h,
                    "use_m3h": 0.0,
                    "flow_m3h": flow_m3h,
                    "completeness_frac": 1.0,
                    "quality": "good",
                    "model_version": "",
                    "inputs": {},
                    "judged_at": clock.now(),
                },
            )
        judging.rejudge(zone)

    return measure


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
def engineer(person: Callable[..., User]) -> User:
    return person("lou", "leakage_engineer")


@pytest.fixture
def dispatcher(person: Callable[..., User]) -> User:
    return person("dong", "dispatcher")


@pytest.fixture
def crew(person: Callable[..., User]) -> User:
    return person("chen", "crew")


@pytest.fixture
def browser() -> Callable[[User], Client]:
    """Return a browser in which a person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
