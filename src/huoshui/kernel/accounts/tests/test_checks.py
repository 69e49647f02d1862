"""What the health page says of how people get in."""

from datetime import timedelta

import pytest
from django.utils import translation

from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions, checks, second_factor, tokens
from huoshui.kernel.accounts.models import ApiToken, SecondFactor

pytestmark = pytest.mark.django_db


def said(check) -> str:
    with translation.override("en"):
        return " ".join(str(one.text) for one in check())


class TestAdministrators:
    def test_one_alone_is_a_risk(self):
        actions.add_user("ada", "Ada", posts=("administrator",))
        assert "only one administrator" in said(checks.administrators)

        actions.add_user("bob", "Bob", posts=("administrator",))
        assert "only one administrator" not in said(checks.administrators)

    def test_one_alone_is_enough_for_the_demo(self, monkeypatch):
        monkeypatch.setenv("HUOSHUI_DEMO", "true")
        settings.get.cache_clear()
        actions.add_user("ada", "Ada", posts=("administrator",))
        levels = {one.level for one in checks.administrators()}
        monkeypatch.undo()
        settings.get.cache_clear()

        assert levels == {"ok"}

    def test_those_without_a_second_factor_are_named(self):
        ada, _ = actions.add_user("ada", "Ada", posts=("administrator",))
        actions.add_user("bob", "Bob", posts=("administrator",))
        SecondFactor.objects.create(
            user=ada, sealed_secret="", created_at=clock.real_now(), latest_step=0
        )
        assert second_factor.since(ada)

        assert "Bob" in said(checks.administrators)
        assert "Ada" not in said(checks.administrators)


class TestTokens:
    def test_those_in_use_that_end_soon_are_named(self):
        ada, _ = actions.add_user("ada", "Ada", posts=("viewer",))
        for name, days in (("SCADA", 3), ("GIS", 30), ("Idle", 3)):
            tokens.make(ada, name, ["network.read"], expires_at=tokens.soon(days))
        used_at = clock.real_now() - timedelta(hours=1)
        ApiToken.objects.exclude(name="Idle").update(last_used_at=used_at)

        assert "SCADA" in said(checks.expiring_tokens)
        assert "GIS" not in said(checks.expiring_tokens)
        assert "Idle" not in said(checks.expiring_tokens)
