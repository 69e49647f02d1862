"""A home of its own for each test, a zone, and people who may do things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from huoshui.areas.telemetry import contracts, queries
from huoshui.areas.telemetry.tests import cast
from huoshui.kernel import clock


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the historian live in the test's own folder, at noon of 2026-03-01 UTC."""
    folder = tmp_path / "historian"
    monkeypatch.setattr(queries, "folder", lambda: folder)
    with clock.frozen(contracts.from_us(cast.NOON)):
        yield folder


@pytest.fixture
def zone(db: None) -> SimpleNamespace:
    """Return zone A, made through the network's own door."""
    from huoshui.areas.network import contracts as network_contracts
    from huoshui.areas.network import facade as network

    network.assign_zones([network_contracts.ZoneDeclaration(code="A", name="Area A")], by_id=None)
    return SimpleNamespace(code="A")


@pytest.fixture
def person(db: None) -> SimpleNamespace:
    """Return somebody who exists."""
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.create(
        username="wang", name="王工", created_at=contracts.from_us(cast.NOON)
    )
    return SimpleNamespace(id=user.pk)
