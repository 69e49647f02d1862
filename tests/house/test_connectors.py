"""A connector says what it is and what it promises, in the same words as the others."""

from __future__ import annotations

import json
import re

import pytest

from tests.house.checks import tree

CONNECTORS = sorted(path.parent for path in (tree.SOURCE / "connectors").glob("*/__init__.py"))
# What every connector must answer for, whatever its protocol.
RULES = {
    "acknowledges_after_durable_commit",
    "stores_a_repeated_message_once",
    "refuses_bad_input_without_stopping",
    "names_every_problem",
    "reports_unknown_points",
    "limits_memory_under_load",
    "backs_off_when_the_other_side_is_away",
    "reports_its_health",
    "tested_against_a_real_peer",
    "parser_fuzzed",
}
RULE = re.compile(
    r"^  (\w+):(?: (done)| *\n    status: (todo|exempt)\n    reason: (\S.+))$", re.MULTILINE
)


def promises(text: str) -> dict[str, str]:
    """Return each rule of a `quality.yaml` with its status; a rule without a reason is left out."""
    return {name: done or status for name, done, status, _reason in RULE.findall(text)}


@pytest.mark.parametrize("folder", CONNECTORS, ids=lambda folder: folder.name)
class TestConnector:
    def test_says_what_it_is(self, folder):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

        assert manifest["name"] == folder.name
        assert {"en", "zh_Hans"} <= set(manifest["title"])
        assert (folder / manifest["documentation"]).is_file()

    def test_says_where_its_secrets_are_sent(self, folder):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        options = manifest.get("options", [])

        has_secret = any(one["type"].startswith("secret") for one in options)
        assert has_secret == any(one.get("leads_to") for one in options)

    def test_answers_for_every_promise_with_a_reason(self, folder):
        text = (folder / "quality.yaml").read_text(encoding="utf-8")
        named = set(re.findall(r"^  (\w+):", text, re.MULTILINE))

        assert named >= RULES
        assert named == set(promises(text)), "a rule that is todo or exempt gives its reason"


def test_a_rule_without_a_reason_is_seen():
    assert promises("rules:\n  a: done\n  b:\n    status: todo\n") == {"a": "done"}
