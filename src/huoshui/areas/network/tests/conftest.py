"""A cast for the network's tests: example files, people with posts, a small drawn network."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from huoshui.areas.network import facade, tiles
from huoshui.kernel import clock

GRID = facade.local_grid(lon=113.6, lat=34.75, x_m=1500.0, y_m=850.0)


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of public network files that the epyt package carries."""
    files = importlib.metadata.files("epyt") or []
    return next(Path(str(one.locate())).parent for one in files if one.name == "L-TOWN.inp")


@pytest.fixture(autouse=True)
def _fresh_tiles() -> Iterator[None]:
    tiles.forget()
    yield
    tiles.forget()


@pytest.fixture
def l_town(db: None, examples: Path) -> None:
    """L-Town in the register."""
    report = facade.import_inp(examples / "L-TOWN.inp", crs=GRID, by_id=None)
    assert report.ok


@pytest.fixture
def signed_in(db: None) -> Callable[[str], Client]:
    """Return a browser signed in as somebody holding a post ("" for none)."""
    from huoshui.kernel.accounts.models import Post, PostHolding, User

    def sign_in(post: str) -> Client:
        user = User.objects.create(
            username=f"somebody-{post}", name="Lin", language="en", created_at=clock.now()
        )
        if post:
            PostHolding.objects.create(
                user=user, post=Post.objects.get(code=post), from_at=clock.now()
            )
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
