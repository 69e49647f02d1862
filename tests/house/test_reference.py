"""H5: what the code declares is printed in docs/reference, word for word."""

from __future__ import annotations

import ast

import pytest

from tools import reference, reference_code


class TestReference:
    def test_is_as_the_code_would_print_it(self):
        stale = reference.differing()

        assert not stale, f"run `.venv/bin/python tools/reference.py` for {', '.join(stale)}"

    def test_names_what_is_declared(self):
        from huoshui.kernel import settings, slots
        from huoshui.kernel.accounts import permissions

        made = reference.pages()

        for one in permissions.declared():
            assert f"`{one.code}`" in made["permissions.md"]
        for name in slots.declared():
            assert f"`{name}`" in made["slots.md"]
        for name, field in settings.Settings.model_fields.items():
            assert f"`{name}`" in made["settings.md"]
            assert field.description, f"the setting {name} has no description"

    def test_finds_the_codes_of_refusals(self):
        codes = {one.code for one in reference_code.refusals()}

        assert {"accounts.not_allowed", "pages.broken", "demo.port_in_use"} <= codes

    def test_finds_the_events_that_are_told(self):
        names = {one.__name__ for one in reference_code.event_classes()}

        assert {"JobClosed", "LeakSuspected"} <= names


class TestCodesInCode:
    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            ('raise errors.Refused("area.full", "It is full.")', "It is full."),
            (
                'raise Refused("area.full", _("Full of %(what)s.") % {"what": 1})',
                "Full of %(what)s.",
            ),
            ('raise Refused("area.full", f"Port {port} is taken.")', "Port ... is taken."),
        ],
    )
    def test_are_read_with_their_sentence(self, code, sentence):
        (found,) = reference_code._codes_in(ast.parse(code), "", "", names=reference_code.FAMILIES)

        assert (found.code, found.family, found.status) == ("area.full", "refused", 409)
        assert found.sentence == sentence

    def test_are_read_from_a_class_with_its_status(self):
        text = (
            "class Full(errors.Refused):\n"
            '    """No room."""\n'
            "    status = 422\n"
            "    def __init__(self):\n"
            '        super().__init__("area.full", "It is full.")\n'
        )
        (found,) = reference_code._codes_in(ast.parse(text).body[0], "refused", "No room.")

        assert (found.code, found.status, found.meaning) == ("area.full", 422, "No room.")
