"""Connectors are tested without a database: the city's clock stands at a known moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from huoshui.kernel import clock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _standing_clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield
