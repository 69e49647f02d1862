"""Slots: filled from elsewhere, shown only to those who may see the filling."""

import pytest
from django.utils.safestring import mark_safe

from huoshui.kernel import slots
from huoshui.kernel.accounts import actions, permissions


@pytest.fixture(autouse=True)
def street(monkeypatch):
    """A slot of an imaginary page, and a permission that viewers have."""
    monkeypatch.setattr(slots, "_declared", {})
    monkeypatch.setattr(slots, "_fillings", {})
    monkeypatch.setattr(permissions, "_declared", dict(permissions._declared))
    permissions.declare("lamps.look", "Look", posts=("viewer",))
    permissions.declare("lamps.price", "See prices")
    slots.declare("street.panels", "Below the map of a street; receives street.")


@pytest.fixture
def request_of_viewer(rf, db):
    request = rf.get("/")
    request.user = actions.add_user("wang", "Wang", posts=("viewer",))[0]
    return request


def words(text):
    return lambda request, street: mark_safe(f"{text} of {street}")


class TestRender:
    def test_shows_fillings_in_their_order(self, request_of_viewer):
        slots.fill("street.panels", words("lamps"), permission="lamps.look", order=2)
        slots.fill("street.panels", words("trees"), permission="lamps.look", order=1)

        shown = slots.render("street.panels", request_of_viewer, street="Oak")

        assert shown == "trees of Oak\nlamps of Oak"

    def test_hides_what_the_reader_may_not_see(self, request_of_viewer):
        slots.fill("street.panels", words("prices"), permission="lamps.price")

        assert slots.render("street.panels", request_of_viewer, street="Oak") == ""

    def test_skips_a_filling_with_nothing_to_say(self, request_of_viewer):
        slots.fill("street.panels", lambda request, street: None, permission="lamps.look")

        assert slots.render("street.panels", request_of_viewer, street="Oak") == ""

    def test_refuses_a_slot_that_nobody_declared(self, request_of_viewer):
        with pytest.raises(LookupError, match=r"street\.pannels"):
            slots.render("street.pannels", request_of_viewer)


class TestDeclared:
    def test_every_filling_of_the_product_fills_a_slot_that_exists(self, monkeypatch):
        monkeypatch.undo()

        assert slots.undeclared_fillings() == ()
