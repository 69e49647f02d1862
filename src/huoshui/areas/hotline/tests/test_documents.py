"""The example that a telephone system's maker copies is true."""

from __future__ import annotations

import json
import re
from pathlib import Path

from huoshui.areas.hotline import rules
from huoshui.areas.hotline.contracts import CallState, EventKind
from huoshui.areas.hotline.web.api import EventIn

PAGE = Path(__file__).parents[5] / "docs/reference/telephony.md"


def found(pattern):
    match = re.search(pattern, PAGE.read_text(encoding="utf-8"))
    assert match, pattern
    return match[1]


class TestTelephonyPage:
    def test_shows_an_event_with_its_true_signature(self):
        body = found(r"```json\n(.*)\n```")
        key, stamp = found(r"key `([^`]+)`"), found(r"timestamp `(\d+)`")

        EventIn(**json.loads(body))
        assert rules.signature(key, stamp, body.encode()) == found(r"sha256=([0-9a-f]{64})")

    def test_names_every_kind_and_state(self):
        text = PAGE.read_text(encoding="utf-8")

        assert all(f"`{kind}`" in text for kind in (*EventKind, *CallState))
