"""Every deed that changes rows is in the audit trail."""

from __future__ import annotations

import pytest

from tests.house.checks import recording, tree


def sources() -> dict[str, str]:
    """Return the text of every module of ours."""
    found = {}
    for path, text in tree.texts(".py", under=tree.SOURCE):
        if not tree.is_test(path) and "migrations" not in path.parts:
            parts = path.relative_to(tree.ROOT / "src").with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = text
    return found


class TestDeeds:
    def test_leave_a_record(self):
        found = recording.silent(sources())

        assert not found, "\n" + "\n".join(found)

    def test_are_found_at_all(self):
        names = {
            one.name
            for module, text in sources().items()
            if recording.is_actions(module)
            for one in recording.functions_of(module, text)
        }

        assert {"add_user", "change_unit", "set_post_permissions"} <= names


PAGES = {
    "huoshui.areas.lamps.web.pages": (
        "from huoshui.areas.lamps import actions\ndef press(request):\n    actions.light(1)\n"
    )
}
HEAD = "from huoshui.kernel import audit\nfrom huoshui.areas.lamps import shelf\n"
SHELF = {
    "huoshui.areas.lamps.shelf": (
        "from huoshui.kernel import audit\n"
        "def keep(lamp):\n    lamp.save()\n"
        "def note(lamp):\n    audit.record(1, 'lamps.kept', 'lamp:1', {})\n"
    )
}


class TestSilent:
    @pytest.mark.parametrize(
        ("body", "complains"),
        [
            ("def light(lamp):\n    lamp.save()", True),
            ("def light(lamp):\n    Lamp.objects.filter(pk=1).update(lit=True)", True),
            ("def light(lamp):\n    lamp.delete()", True),
            ("def light(lamp):\n    _light(lamp)\ndef _light(lamp):\n    lamp.save()", True),
            ("def light(lamp):\n    shelf.keep(lamp)", True),
            ("def light(lamp):\n    shelf.keep(lamp)\n    shelf.note(lamp)", False),
            ("def light(lamp):\n    lamp.save()\n    audit.record(1, 'a.b', 'c:1', {})", False),
            ("def light(lamp):\n    seen = {}\n    seen.update({1: 2})", False),
            ("def look(lamp):\n    return lamp.lit", False),
            ("def _light(lamp):\n    lamp.save()", False),
        ],
    )
    def test_complains_of_a_deed_without_a_trace(self, body, complains):
        text = {"huoshui.areas.lamps.actions": HEAD + body} | SHELF | PAGES

        assert bool(recording.silent(text)) is complains

    def test_looks_only_at_deeds_of_people(self):
        body = "def light(lamp):\n    lamp.save()"

        assert recording.silent({"huoshui.areas.lamps.queries": HEAD + body} | PAGES) == []
        assert recording.silent({"huoshui.areas.lamps.actions": HEAD + body}) == []

    def test_knows_a_deed_of_people_by_its_saying_who(self):
        body = "def light(lamp, *, by_id):\n    lamp.save()"

        assert recording.silent({"huoshui.areas.lamps.actions": HEAD + body})
