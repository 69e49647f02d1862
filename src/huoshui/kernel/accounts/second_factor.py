"""The second factor: codes of an authenticator app (RFC 6238), and codes on paper for a lost phone.

Six digits every thirty seconds; one step of clock difference either way is forgiven, and no code
is accepted twice. The moments are real ones: a phone does not follow the demo's clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

import pyotp
import segno
from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors, settings
from huoshui.kernel.accounts import posts
from huoshui.kernel.accounts.models import Post, PostHolding, RecoveryCode, SecondFactor, User

STEP_S = 30
SKEW_STEPS = 1
RECOVERY_CODES = 10
ISSUER = "Huoshui"
SECRET_BYTES = 20  # RFC 4226 recommends 160 bits


class WrongCode(errors.Refused):
    """The code is wrong, too old, or was used before."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "accounts.wrong_code",
            _("This code is wrong, too old, or was used before."),
            next_step=_("Wait for the next code of the app. The clock of the phone must be right."),
        )


class SecondFactorNeeded(errors.Refused):
    """One of the user's posts demands a second factor that they have not set up."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "accounts.second_factor_needed",
            _("Your post needs a second factor, and you have not set one up yet."),
            next_step=_("Open the page of the second factor and set it up."),
        )


class SecondFactorRequired(errors.Refused):
    """A factor that a post demands cannot be given up by its owner."""

    def __init__(self) -> None:
        super().__init__(
            "accounts.second_factor_required",
            _("One of your posts needs a second factor, so you keep it."),
            next_step=_("For a new phone, ask another administrator to reset it."),
        )


def required_by(post: Post) -> bool:
    """Tell whether the holders of a post need a second factor: administrators, outside the demo."""
    if post.second_factor is not None:
        return post.second_factor
    return post.pattern == posts.ADMINISTRATOR and not settings.get().demo


def needed(user: User) -> bool:
    """Tell whether one of a user's posts demands a second factor now."""
    held = PostHolding.objects.filter(user=user).valid_at(clock.now()).select_related("post")
    return any(required_by(one.post) for one in held)


def since(user: Any) -> datetime | None:
    """Return when a user set up their second factor; None without one."""
    return SecondFactor.objects.filter(user_id=user.pk).values_list("created_at", flat=True).first()


def new_secret() -> str:
    """Return a random secret in base 32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def address_of(user: User, secret: str) -> str:
    """Return the address that a QR code carries to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)


def picture_of(user: User, secret: str) -> str:
    """Return the QR code as SVG for inside a page; it holds no script and no style."""
    code = segno.make(address_of(user, secret), error="m", micro=False)
    return code.svg_inline(scale=5, dark="#000", light="#fff", svgclass="hs-qr", lineclass=None)


def set_up(user: User, secret: str, code: str, *, by_id: int | None = None) -> list[str]:
    """Keep an app's secret after its first right code; return the recovery codes, told only here.

    Refuses with `accounts.wrong_code`.
    """
    moment = clock.real_now()
    # Who sends a code before a page showed a secret has none, and the library stumbles over that.
    step = _step_of(secret, code, moment) if secret else None
    if step is None:
        raise WrongCode
    with transaction.atomic():
        SecondFactor.objects.filter(user=user).delete()
        SecondFactor.objects.create(
            user=user, sealed_secret=_seal(secret), created_at=moment, latest_step=step
        )
        codes = _new_codes(user)
        audit.record(by_id, "accounts.second_factor_set_up", f"user:{user.username}", {})
    return codes


def renew_codes(user: User, code: str, *, by_id: int | None = None) -> list[str]:
    """Replace a user's recovery codes; refuses with `accounts.wrong_code`."""
    with transaction.atomic():
        if not accept(user, code):
            raise WrongCode
        codes = _new_codes(user)
        audit.record(by_id, "accounts.recovery_codes_renewed", f"user:{user.username}", {})
    return codes


def give_up(user: User, code: str, *, by_id: int | None = None) -> None:
    """Remove one's own second factor.

    Refuses with `accounts.second_factor_required` and `accounts.wrong_code`.
    """
    if needed(user):
        raise SecondFactorRequired
    with transaction.atomic():
        if not accept(user, code):
            raise WrongCode
        _remove(user)
        audit.record(by_id, "accounts.second_factor_given_up", f"user:{user.username}", {})


def reset(user: User, *, by_id: int | None = None) -> bool:
    """Remove the second factor of somebody who lost their phone; whether there was one."""
    with transaction.atomic():
        found = _remove(user)
        if found:
            audit.record(by_id, "accounts.second_factor_reset", f"user:{user.username}", {})
    return found


def codes_left(user: User) -> int:
    """Return how many recovery codes a user has not used yet."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def accept(user: User, code: str) -> str:
    """Accept a code of the app or one from paper, once; return which, or nothing if it is wrong."""
    plain = "".join(code.split()).replace("-", "").upper()
    if plain.isdecimal() and len(plain) == 6:
        return "app" if _accept_app(user, plain) else ""
    moment = clock.real_now()
    used = RecoveryCode.objects.filter(
        user=user, code_hash=_code_hash(user, plain), used_at=None
    ).update(used_at=moment)
    return "recovery_code" if used else ""


def _accept_app(user: User, code: str) -> bool:
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        return False
    step = _step_of(_unseal(factor.sealed_secret), code, clock.real_now())
    if step is None:
        return False
    # One statement: two requests with the same code at once must not both pass.
    fresh = SecondFactor.objects.filter(Q(pk=factor.pk) & Q(latest_step__lt=step))
    return bool(fresh.update(latest_step=step))


def _step_of(secret: str, code: str, moment: datetime) -> int | None:
    """Return the half minute that a code belongs to, if it is near ``moment``."""
    totp = pyotp.TOTP(secret)
    plain = "".join(code.split())
    now = int(moment.timestamp()) // STEP_S
    for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1):
        if plain.isascii() and hmac.compare_digest(totp.generate_otp(step), plain):
            return step
    return None


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    plain = [
        base64.b32encode(secrets.token_bytes(10)).decode()[:12] for _n in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_code_hash(user, one)) for one in plain
    )
    return [f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in plain]


def _remove(user: User) -> bool:
    RecoveryCode.objects.filter(user=user).delete()
    return bool(SecondFactor.objects.filter(user=user).delete()[0])


def _keyed(purpose: str, words: str) -> bytes:
    key = hashlib.sha256(f"huoshui.{purpose}:{django_settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, words.encode(), hashlib.sha256).digest()


def _code_hash(user: User, plain: str) -> str:
    # Sixty bits are few enough to try them all against a stolen table; the key is not in it.
    return _keyed("recovery", f"{user.pk}:{plain}").hex()


def _seal(secret: str) -> str:
    """Hide a secret under a pad that only the installation's key can make again."""
    nonce = secrets.token_hex(16)
    plain = base64.b32decode(secret)
    pad = _keyed("second_factor", nonce)
    return f"{nonce}:{bytes(a ^ b for a, b in zip(plain, pad, strict=False)).hex()}"


def _unseal(sealed: str) -> str:
    nonce, _colon, hidden = sealed.partition(":")
    pad = _keyed("second_factor", nonce)
    plain = bytes(a ^ b for a, b in zip(bytes.fromhex(hidden), pad, strict=False))
    return base64.b32encode(plain).decode()


class CodeBackend:
    """The second step of signing in, as Django and the lock-out know it.

    Going through Django's own door means that wrong codes count like wrong passwords.
    """

    def authenticate(
        self, request: Any, username: str | None = None, code: str | None = None
    ) -> User | None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None or not code:
            return None
        how = accept(user, code)
        if not how:
            return None
        user.second_factor_used = how  # type: ignore[attr-defined]
        return user

    def get_user(self, user_id: int) -> User | None:
        return None
