"""What journeys start from: one demo city, one browser, and people who sign in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys import browser, city

HERE = Path(__file__).parent
# Four weeks to learn a zone's nights, two to try the forecast on, and some to spare.
HISTORY_DAYS = 48


def pytest_collection_modifyitems(items):
    """Skip journeys in a mixed run: the browser's event loop would disturb Django's tests."""
    mine = [item for item in items if item.path.is_relative_to(HERE)]
    if len(mine) < len(items):
        alone = pytest.mark.skip(reason="journeys run alone: pytest tests/journeys")
        for item in mine:
            item.add_marker(alone)


@pytest.fixture(scope="session")
def chromium():
    path = browser.find()
    if path is None:
        pytest.skip(browser.HOW)
    with browser.started(path) as started:
        yield started


@pytest.fixture(scope="session")
def demo(chromium, tmp_path_factory):
    """A demo city with a short history, shared by the journeys of this run."""
    with city.running(tmp_path_factory.mktemp("home"), history_days=HISTORY_DAYS) as running:
        yield running
