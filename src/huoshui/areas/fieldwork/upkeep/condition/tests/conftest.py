"""The cast of maintenance."""

from huoshui.areas.fieldwork.upkeep.tests.conftest import (  # noqa: F401
    browser,
    crew,
    dispatcher,
    greasing,
    now,
    person,
    street,
)
