"""The example of the document is a declaration that the engine takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from huoshui.kernel import cases

DOCUMENT = Path(__file__).resolve().parents[5] / "docs" / "concepts" / "cases.md"


@pytest.mark.django_db
class TestDocument:
    def test_runs_as_it_is_printed(self, declare, at_ten):
        blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.M | re.S)
        names: dict[str, Any] = {}

        for block in blocks:
            exec(compile(block, DOCUMENT.name, "exec"), names)

        assert len(blocks) == 2
        assert names["fact"].number == "LT2026-00001"
        assert [one.number for one in names["found"]] == ["LT2026-00001"]
        assert cases.case("LT2026-00001").next_due_clock == "look"
