"""Tokens of programs: what they open, what they never open, and what is kept of them."""

import re
from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from ninja import NinjaAPI

from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import actions, permissions, tokens
from huoshui.kernel.accounts.models import ApiToken, User
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.errors import web

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

READ, WRITE = "audit.read", "accounts.manage"


def _api() -> NinjaAPI:
    found = NinjaAPI(urls_namespace="lamps")
    web.answer_errors(found)

    @found.get("/lamps", auth=permissions.api(READ))
    def lamps(request: HttpRequest) -> list[str]:
        return [request.user.get_username()]

    @found.post("/lamps", auth=permissions.api(WRITE))
    def light(request: HttpRequest) -> list[str]:
        audit.record(request.user.pk, "lamps.lit", "lamp:1", {"how": "by hand"})
        return []

    return found


urlpatterns = [path("api/v1/", _api().urls)]


@pytest.fixture(autouse=True)
def _open_gate():
    tokens.gate.forget()
    yield
    tokens.gate.forget()


@pytest.fixture
def owner() -> User:
    return actions.add_user("wang", "Wang", posts=("administrator",))[0]


def call(secret: str, method: str = "get", **more):
    client = Client(enforce_csrf_checks=True)
    headers = {"authorization": f"Bearer {secret}"}
    return getattr(client, method)("/api/v1/lamps", headers=headers, **more)


class TestMake:
    def test_keeps_only_the_hash(self, owner):
        token, secret = tokens.make(owner, "SCADA", [READ])

        kept = str(list(ApiToken.objects.values())) + str(list(AuditRecord.objects.values()))
        assert secret not in kept
        assert token.secret_hash == tokens.hash_of(secret)
        assert len(secret) >= 43  # 256 bits in base 64

    def test_refuses_what_the_owner_may_not_do(self):
        viewer, _ = actions.add_user("li", "Li", posts=("viewer",))

        with pytest.raises(tokens.ScopeNotHeld) as refused:
            tokens.make(viewer, "SCADA", [WRITE])

        assert refused.value.data == {"permissions": [WRITE]}

    def test_refuses_a_token_for_nothing_and_one_already_over(self, owner):
        with pytest.raises(tokens.TokenWithoutScope):
            tokens.make(owner, "SCADA", [])
        past = clock.real_now() - timedelta(seconds=1)
        with pytest.raises(tokens.TokenAlreadyOver):
            tokens.make(owner, "SCADA", [READ], expires_at=past)


class TestCalls:
    def test_act_for_the_owner(self, owner):
        _token, secret = tokens.make(owner, "SCADA", [READ])

        answer = call(secret)

        assert (answer.status_code, answer.json()) == (200, ["wang"])

    def test_change_things_without_a_csrf_token_and_name_the_token_in_the_trail(self, owner):
        token, secret = tokens.make(owner, "SCADA", [WRITE])

        assert call(secret, "post").status_code == 200

        deed = AuditRecord.objects.get(action="lamps.lit")
        assert deed.by == owner
        assert deed.detail == {"how": "by hand", "token": f"SCADA ({token.prefix})"}

    def test_leave_no_token_behind_for_the_next_request(self, owner):
        _token, secret = tokens.make(owner, "SCADA", [WRITE])
        call(secret, "post")

        audit.record(owner.pk, "lamps.lit", "lamp:2", {})

        assert AuditRecord.objects.get(subject="lamp:2").detail == {}

    def test_stay_within_the_scopes(self, owner):
        _token, secret = tokens.make(owner, "SCADA", [READ])

        answer = call(secret, "post")

        assert (answer.status_code, answer.json()["code"]) == (403, "accounts.not_allowed")

    def test_stay_within_what_the_owner_may_do_now(self, owner):
        actions.add_user("li", "Li", posts=("administrator",))
        _token, secret = tokens.make(owner, "SCADA", [READ])
        actions.end_post(owner, "administrator")

        assert call(secret).status_code == 403

    @pytest.mark.parametrize("end", ["revoked", "expired", "owner gone", "never made"])
    def test_are_refused_when_the_token_is_dead(self, owner, end):
        token, secret = tokens.make(owner, "SCADA", [READ])
        if end == "revoked":
            tokens.revoke(token)
        elif end == "expired":
            begun = clock.real_now() - timedelta(days=2)
            ApiToken.objects.update(created_at=begun, expires_at=begun + timedelta(days=1))
        elif end == "owner gone":
            User.objects.update(is_active=False)
        else:
            secret = "hs_guess"

        answer = call(secret)

        assert (answer.status_code, answer.json()["code"]) == (401, "accounts.token_refused")

    def test_note_the_latest_use(self, owner):
        _token, secret = tokens.make(owner, "SCADA", [READ])

        call(secret)

        token = ApiToken.objects.get()
        assert token.last_used_at is not None
        assert token.last_address == "127.0.0.1"

    def test_need_the_csrf_token_when_they_come_with_the_cookie(self, owner):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(owner)

        assert browser.post("/api/v1/lamps").status_code == 403

    def test_a_bad_token_is_not_saved_by_a_good_cookie(self, owner):
        browser = Client()
        browser.force_login(owner)

        answer = browser.get("/api/v1/lamps", headers={"authorization": "Bearer hs_guess"})

        assert answer.status_code == 401


class TestThrottle:
    def test_shuts_out_an_address_that_guesses_but_not_a_program_that_worked(self, owner):
        _token, known = tokens.make(owner, "SCADA", [READ])
        _token, unseen = tokens.make(owner, "Other", [READ])
        call(known)
        for guess in range(tokens.MISSES_MAX):
            assert call(f"hs_{guess}").status_code == 401

        shut = call("hs_again")

        assert shut.status_code == 429
        assert int(shut["Retry-After"]) > 0
        assert call(unseen).status_code == 429
        assert call(known).status_code == 200


class TestServiceAccounts:
    def test_never_have_a_password(self):
        service = actions.add_service("scada", "SCADA", posts=("administrator",))

        assert not service.has_usable_password()
        with pytest.raises(actions.ServiceHasNoPassword):
            actions.set_password(service)


@pytest.mark.urls("huoshui.project.urls")
class TestTheOnlyTimeASecretIsShown:
    def test_offers_to_copy_it_whole(self, owner, client):
        client.force_login(owner)
        form = {"name": "SCADA", "scopes": [READ], "days": "0"}
        text = client.post("/me/tokens/new/", form).content.decode()

        prefix = ApiToken.objects.get().prefix
        (secret, header) = re.findall(r'data-copy="([^"]+)"', text)
        assert secret.startswith(prefix)
        assert tokens.hash_of(secret) == ApiToken.objects.get().secret_hash
        assert header == f"Authorization: Bearer {secret}"
        assert "hs-wide" in text
