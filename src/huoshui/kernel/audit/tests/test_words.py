"""People read words: every deed, listener and schedule of the product has a name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import huoshui
from huoshui.kernel.audit import words
from huoshui.kernel.events import outbox
from huoshui.kernel.jobs import schedules

SOURCE = Path(huoshui.__file__).parent


def recorded_deeds() -> Iterator[str]:
    """Every action code that the source gives to ``audit.record`` as a plain string."""
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts or "audit.record" not in (text := path.read_text("utf-8")):
            continue
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "audit.record"
                and len(node.args) > 1
                and isinstance(node.args[1], ast.Constant)
            ):
                yield node.args[1].value


class TestNames:
    def test_every_recorded_deed_has_one(self):
        found = set(recorded_deeds())

        assert len(found) > 10
        assert found <= set(words.labels())

    def test_every_listener_has_one(self):
        assert [one.name for one in outbox._listeners.values() if one.label == one.name] == []

    def test_every_schedule_has_one(self):
        assert [one.name for one in schedules.declared() if one.label == one.name] == []


class TestSubjectOf:
    def test_says_what_it_is_and_which(self):
        assert words.subject_of("user:wang").endswith(" wang")

    def test_leaves_an_unknown_kind_as_it_was_recorded(self):
        assert words.subject_of("lamp:7") == "lamp:7"
