"""Which codes are possible."""

from __future__ import annotations

import pytest

from huoshui.areas.announcements import rules


@pytest.mark.parametrize(
    ("code", "possible"),
    [
        ("A-1", True),
        ("a_1", True),
        ("", False),
        ("A 1", False),
        ("a" * 40, True),
        ("a" * 41, False),
    ],
)
def test_a_code_is_possible_or_not(code, possible):
    assert rules.is_code(code) is possible
