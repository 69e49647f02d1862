"""H9: what the documents tell people to type exists, and the API says what it answers with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.checks import tree

FENCED = re.compile(r"^```(?:sh|bash|console)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(\./huoshui [^`]+|\.venv/bin/[^`]+)`")
OWN_WORDS = {"test", "COMMAND"}  # the launcher's own, and a word that stands for any


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command line of our documents with the place where it stands."""
    for path, text in tree.texts(".md"):
        lines = [line for block in FENCED.findall(text) for line in block.splitlines()]
        for line in [*lines, *INLINE.findall(text)]:
            words = line.split("#")[0].strip()
            if words.startswith(("./huoshui ", ".venv/bin/")):
                yield tree.place(path), words


def problem(command: str) -> str:
    """Return why a command of a document would not run, or nothing."""
    from huoshui.cli.main import GROUPS

    program, *words = command.split()
    if program == "./huoshui":
        known = {name for name, _, _ in GROUPS} | OWN_WORDS
        return "" if words and words[0] in known else f"there is no command {words[:1]}"
    if not words or program != ".venv/bin/python":
        return ""
    return "" if (tree.ROOT / words[0]).is_file() else f"there is no file {words[0]}"


class TestDocumentedCommands:
    def test_exist(self):
        found = [f"{place}: {line}: {why}" for place, line in commands() if (why := problem(line))]

        assert not found, "\n" + "\n".join(found)

    def test_are_found_at_all(self):
        lines = {line for _, line in commands()}

        assert "./huoshui demo" in lines
        assert any("tools/scaffold.py" in line for line in lines)

    def test_that_do_not_exist_are_seen(self):
        assert problem("./huoshui dance")
        assert problem(".venv/bin/python tools/dance.py")


class TestApi:
    def test_says_what_it_answers_with(self):
        """Ninja checks every answer against the schema named here, so it cannot drift.

        GeoJSON has its own standard (RFC 7946); a call that answers with it says so.
        """
        from huoshui.project.api import api

        document = api.get_openapi_schema()
        silent = [
            f"{method.upper()} {path}"
            for path, deeds in document["paths"].items()
            for method, deed in deeds.items()
            if "geojson" not in f"{path} {deed.get('description', '')}".lower()
            and not any(
                answer.get("content") or code == "204"
                for code, answer in deed["responses"].items()
                if str(code).startswith("2")
            )
        ]

        assert not silent, "\n" + "\n".join(silent)

    def test_explains_every_call(self):
        from huoshui.project.api import api

        bare = [
            f"{method.upper()} {path}"
            for path, deeds in api.get_openapi_schema()["paths"].items()
            for method, deed in deeds.items()
            if not deed.get("description")
        ]

        assert not bare, "\n" + "\n".join(bare)
