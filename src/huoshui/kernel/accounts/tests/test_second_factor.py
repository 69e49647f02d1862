"""The second factor: at the door, on one's own page, and when the phone is lost."""

from datetime import timedelta

import pyotp
import pytest
from django.test import Client

from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions, post_actions, second_factor
from huoshui.kernel.accounts.models import RecoveryCode, SecondFactor, User
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def moment(monkeypatch):
    """A real time that tests can move by seconds, beginning in the middle of a step."""

    class Moment:
        at = clock.real_now().replace(second=15, microsecond=0)

        def __call__(self):
            return self.at

        def pass_s(self, seconds: float) -> None:
            self.at += timedelta(seconds=seconds)

    found = Moment()
    monkeypatch.setattr(clock, "real_now", found)
    return found


@pytest.fixture
def wang(moment) -> User:
    return actions.add_user("wang", "Wang", posts=("viewer",), password=PASSWORD)[0]


@pytest.fixture
def phone(wang, moment):
    """The app on Wang's phone, set up one hour ago."""
    secret = second_factor.new_secret()
    totp = pyotp.TOTP(secret)
    second_factor.set_up(wang, secret, totp.at(moment.at))
    moment.pass_s(3600)
    return totp


def first_step(client: Client, username: str = "wang"):
    return client.post("/sign-in/?next=/me/tokens/", {"username": username, "password": PASSWORD})


def second_step(client: Client, code: str):
    return client.post("/sign-in/code/", {"code": code})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


class TestCodes:
    def test_agree_with_the_examples_of_rfc_6238(self):
        # RFC 6238, appendix B: SHA-1, secret "12345678901234567890"; the last 6 of its 8 digits.
        secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

        for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
            assert pyotp.TOTP(secret).at(seconds) == code

    @pytest.mark.parametrize(
        ("late_s", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
    )
    def test_forgive_one_step_of_clock_difference(self, wang, phone, moment, late_s, right):
        code = phone.at(moment.at - timedelta(seconds=late_s))

        assert bool(second_factor.accept(wang, code)) is right

    def test_are_never_accepted_twice(self, wang, phone, moment):
        code = phone.at(moment.at)

        assert second_factor.accept(wang, code) == "app"
        assert second_factor.accept(wang, code) == ""
        # Nor is an earlier one that was never shown to us.
        assert second_factor.accept(wang, phone.at(moment.at - timedelta(seconds=30))) == ""

    def test_the_secret_cannot_be_read_from_the_table(self, wang, phone):
        kept = str(list(SecondFactor.objects.values())) + str(list(AuditRecord.objects.values()))

        assert phone.secret not in kept

    def test_of_no_secret_set_up_nothing(self, client, wang, moment):
        client.force_login(wang, backend="django.contrib.auth.backends.ModelBackend")

        answer = client.post("/me/second-factor/", {"code": "000000"})

        assert answer.status_code == 422
        assert second_factor.since(wang) is None

    def test_on_paper_open_once(self, wang, phone, moment):
        codes = second_factor.renew_codes(wang, phone.at(moment.at))

        assert len(set(codes)) == second_factor.RECOVERY_CODES
        assert second_factor.accept(wang, codes[0].lower()) == "recovery_code"
        assert second_factor.accept(wang, codes[0]) == ""
        assert second_factor.codes_left(wang) == second_factor.RECOVERY_CODES - 1
        assert codes[1].replace("-", "") not in str(list(RecoveryCode.objects.values()))


class TestSignIn:
    def test_asks_for_the_code_after_the_password(self, client, wang, phone, moment):
        answer = first_step(client)

        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code/")
        assert not is_in(client)
        assert client.get("/sign-in/code/").status_code == 200

        answer = second_step(client, phone.at(moment.at))

        assert (answer.status_code, answer["Location"]) == (302, "/me/tokens/")
        assert is_in(client)
        deed = AuditRecord.objects.get(action="accounts.signed_in")
        assert deed.detail == {"second_factor": "app"}

    def test_stays_shut_for_a_wrong_code(self, client, wang, phone, moment):
        first_step(client)
        wrong = f"{(int(phone.at(moment.at)) + 1) % 1_000_000:06d}"

        assert second_step(client, wrong).status_code == 422
        assert not is_in(client)

    def test_cannot_be_entered_at_the_second_step(self, client, wang, phone, moment):
        answer = second_step(client, phone.at(moment.at))

        assert (answer.status_code, is_in(client)) == (302, False)

    def test_forgets_the_password_after_five_minutes(self, client, wang, phone, moment):
        first_step(client)
        moment.pass_s(301)

        assert second_step(client, phone.at(moment.at))["Location"] == "/sign-in/"
        assert not is_in(client)

    def test_counts_wrong_codes_like_wrong_passwords(self, client, wang, phone, moment):
        for _ in range(5):
            first_step(client)
            second_step(client, "000000")

        assert first_step(client).status_code == 429
        assert second_step(client, phone.at(moment.at)).status_code == 429
        assert not is_in(client)

    def test_accepts_a_code_from_paper(self, client, wang, phone, moment):
        codes = second_factor.renew_codes(wang, phone.at(moment.at))
        first_step(client)

        assert second_step(client, codes[3]).status_code == 302
        assert is_in(client)


class TestDemand:
    @pytest.fixture
    def boss(self, moment):
        return actions.add_user("boss", "B", posts=("administrator",), password=PASSWORD)[0]

    def test_is_made_of_administrators_outside_the_demo(self, boss, wang, monkeypatch):
        assert second_factor.needed(boss)
        assert not second_factor.needed(wang)

        demo = settings.get().model_copy(update={"demo": True})
        monkeypatch.setattr(settings, "get", lambda: demo)
        assert not second_factor.needed(boss)

    def test_can_be_made_of_any_post(self, wang):
        post_actions.require_second_factor("viewer", True)

        assert second_factor.needed(wang)

    def test_opens_nothing_but_the_page_that_meets_it(self, client, boss, moment):
        assert first_step(client, "boss")["Location"] == "/me/second-factor/"

        assert client.get("/system/users/")["Location"] == "/me/second-factor/"
        refused = client.get("/api/v1/fieldwork/jobs")
        assert (refused.status_code, refused.json()["code"]) == (
            403,
            "accounts.second_factor_needed",
        )

        page = client.get("/me/second-factor/")
        assert "<svg" in page.content.decode()
        secret = client.session["second_factor_secret"]
        answer = client.post("/me/second-factor/", {"code": pyotp.TOTP(secret).at(moment.at)})

        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert len(answer.context["sections"][0].items) == second_factor.RECOVERY_CODES
        assert client.get("/system/users/").status_code == 200

    def test_keeps_its_holder_from_giving_it_up(self, wang, phone, moment):
        post_actions.require_second_factor("viewer", True)

        with pytest.raises(second_factor.SecondFactorRequired):
            second_factor.give_up(wang, phone.at(moment.at))


class TestOwnPage:
    def deed(self, client, wang, phone, moment, deed: str):
        client.force_login(wang)
        form = {"code": phone.at(moment.at), "deed": deed}
        return client.post("/me/second-factor/", form)

    def test_renews_recovery_codes(self, client, wang, phone, moment):
        answer = self.deed(client, wang, phone, moment, "renew")

        assert len(answer.context["sections"][0].items) == second_factor.RECOVERY_CODES
        assert second_factor.since(wang)

    def test_removes_the_factor_only_when_that_is_chosen(self, client, wang, phone, moment):
        assert self.deed(client, wang, phone, moment, "give_up").status_code == 302
        assert second_factor.since(wang) is None

    def test_does_nothing_with_a_wrong_code(self, client, wang, phone, moment):
        moment.pass_s(-90)
        stale = phone.at(moment.at)
        moment.pass_s(90)
        client.force_login(wang)

        answer = client.post("/me/second-factor/", {"code": stale, "deed": "give_up"})

        assert answer.status_code == 422
        assert second_factor.since(wang)

    def test_lets_nobody_try_all_codes(self, client, wang, phone, moment):
        client.force_login(wang, backend="django.contrib.auth.backends.ModelBackend")
        tried = [
            client.post("/me/second-factor/", {"code": f"{n:06d}"}).status_code for n in range(6)
        ]
        right = {"code": phone.at(moment.at), "deed": "give_up"}

        assert (tried[0], tried[-1]) == (422, 429)
        assert client.post("/me/second-factor/", right).status_code == 429
        assert second_factor.since(wang)


class TestLostPhone:
    def test_is_reset_by_another_administrator(self, client, wang, phone):
        boss, _ = actions.add_user("boss", "Boss", posts=("administrator",))
        client.force_login(boss)

        client.post(f"/system/users/{wang.pk}/reset-second-factor/")

        assert second_factor.since(wang) is None
        deed = AuditRecord.objects.get(action="accounts.second_factor_reset")
        assert (deed.by, deed.subject) == (boss, "user:wang")

    def test_is_never_reset_by_oneself(self, client, moment):
        boss, _ = actions.add_user("boss", "Boss", posts=("administrator",))
        secret = second_factor.new_secret()
        second_factor.set_up(boss, secret, pyotp.TOTP(secret).at(moment.at))
        client.force_login(boss)

        assert client.post(f"/system/users/{boss.pk}/reset-second-factor/").status_code == 404
        assert second_factor.since(boss) is not None
