"""People read words: every deed, listener and schedule of the product has a name."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.utils import translation

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


def keys_of_details() -> Iterator[tuple[str, str]]:
    """Every (action, key) that the source writes into a recorded detail as plain strings."""
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts or "audit.record" not in (text := path.read_text("utf-8")):
            continue
        for node in ast.walk(ast.parse(text)):
            if not (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in {"audit.record", "audit.record_read"}
                and len(node.args) > 3
            ):
                continue
            action = node.args[1].value if isinstance(node.args[1], ast.Constant) else ""
            for inner in ast.walk(node.args[3]):
                for key in inner.keys if isinstance(inner, ast.Dict) else ():
                    if isinstance(key, ast.Constant):
                        yield action or path.parts[-2], key.value


class TestDetails:
    def test_every_key_has_a_name(self):
        nameless = {
            f"{action}: {key}"
            for action, key in keys_of_details()
            if not words.is_named(action, key)
        }

        assert not nameless, "\n".join(sorted(nameless))

    def test_shows_a_change_as_from_what_to_what(self):
        detail = {"before": {"name": "A", "phone": "1"}, "after": {"name": "B", "phone": "1"}}

        with translation.override("en"):
            assert words.in_one_line("accounts.user_changed", detail) == "Name: A → B"

    def test_shows_codes_by_their_names(self):
        with translation.override("en"):
            line = words.in_one_line(
                "accounts.post_permissions_changed", {"granted": ["audit.read"], "withdrawn": []}
            )

        assert line == "Granted: Read the audit trail; Withdrawn: –"

    def test_shows_moments_on_the_clock_of_the_city(self):
        detail = {"expires_at": "2026-03-01T16:30:00+00:00"}

        with translation.override("zh-hans"):
            assert words.in_one_line("accounts.token_made", detail).endswith("2026-03-02 00:30")


class TestSubjectOf:
    def test_says_what_it_is_and_which(self):
        assert words.subject_of("user:wang").endswith(" wang")

    def test_leaves_an_unknown_kind_as_it_was_recorded(self):
        assert words.subject_of("lamp:7") == "lamp:7"


class TestValues:
    def test_that_mean_something_only_beside_the_rest(self, monkeypatch):
        monkeypatch.setattr(words, "_values_within", dict(words._values_within))
        names = {("tap", "1"): "open", ("door", "1"): "ajar"}
        words.name_values_within("house.state", lambda code, all_of: names[all_of["what"], code])

        line = words.in_one_line("house.turned", {"what": "tap", "after": {"state": "1"},
                                                  "before": {"state": ""}})  # fmt: skip

        assert "– → open" in line
        assert "ajar" in words.in_one_line("house.turned", {"what": "door", "state": "1"})

    def test_of_cases_are_those_of_their_kind(self):
        detail = {"type": "hotline.repair", "step": "send", "from_state": "new", "to_state": "sent"}
        with translation.override("en"):
            line = words.in_one_line("cases.case_moved", detail)

        assert line == (
            "Kind: Repair report; Step: Send to a crew; From state: Received; "
            "To state: Sent to a crew"
        )
