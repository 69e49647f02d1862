"""Tokens with which programs call the API: made once, kept as a hash, never more than their owner.

A token is 256 random bits, so its SHA-256 needs no salt and no slow hash: there is nothing to
guess. The first letters are kept readable, for people who look for the token in a program.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import ApiToken, User

MARK = "hs_"
SECRET_BYTES = 32
PREFIX_LETTERS = len(MARK) + 8
# A program with a wrong token asks again and again; so many misses are forgiven in the window.
MISSES_MAX = 20
MISSES_WINDOW_S = 300.0
# An address that is shut out keeps serving tokens that were good this long ago.
GOOD_FOR_S = 3600.0
# Every call would otherwise write a row.
USE_NOTED_EVERY_S = 60.0


class ScopeNotHeld(errors.Refused):
    """A token may never do more than its owner."""

    def __init__(self, codes: Iterable[str]) -> None:
        missing = sorted(codes)
        super().__init__(
            "accounts.token_scope_not_held",
            _("A token cannot be given what its owner may not do: %(permissions)s.")
            % {"permissions": ", ".join(missing)},
            data={"permissions": missing},
            next_step=_("Leave these out, or give the owner a post that includes them."),
        )


class TokenWithoutScope(errors.Refused):
    """A token that may do nothing is a mistake."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "accounts.token_without_scope",
            _("This token would be allowed to do nothing."),
            next_step=_("Tick at least one thing it may do."),
        )


class TokenAlreadyOver(errors.Refused):
    """The end lies in the past."""

    status = 422

    def __init__(self, expires_at: datetime) -> None:
        super().__init__(
            "accounts.token_already_over",
            _("The token would already have expired."),
            data={"expires_at": expires_at.isoformat()},
            next_step=_("Choose a day in the future, or leave the end open."),
        )


class UnknownToken(errors.Refused):
    """No token with this beginning, or several."""

    status = 404

    def __init__(self, prefix: str) -> None:
        super().__init__(
            "accounts.unknown_token",
            _("There is no token that begins with %(prefix)s.") % {"prefix": prefix},
            data={"prefix": prefix},
            next_step=_("Look it up in the list of tokens."),
        )


class TokenRefused(errors.Refused):
    """The token is unknown, expired, revoked, or its owner may no longer sign in."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "accounts.token_refused",
            _("This token is not valid: unknown, expired or revoked."),
            next_step=_("Make a new token on the page of tokens and put it into the program."),
        )


class TooManyBadTokens(errors.Unavailable):
    """This address sent one wrong token after the other."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "accounts.too_many_bad_tokens",
            _("Too many calls with wrong tokens came from this address."),
            retry_after_s=retry_after_s,
            next_step=_("Stop the program, give it a valid token, and wait a few minutes."),
        )
        self.status = 429


def hash_of(secret: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make(
    owner: User,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime | None = None,
    by_id: int | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for ``owner`` and return it with its secret, which is told only here.

    Refuses with `accounts.token_without_scope`, `accounts.token_scope_not_held` and
    `accounts.token_already_over`.
    """
    wanted = sorted(set(scopes))
    if not wanted:
        raise TokenWithoutScope
    beyond = set(wanted) - permissions.of_user(owner)
    if beyond:
        raise ScopeNotHeld(beyond)
    moment = clock.real_now()
    if expires_at is not None and expires_at <= moment:
        raise TokenAlreadyOver(expires_at)
    secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        owner=owner,
        name=name.strip() or secret[:PREFIX_LETTERS],
        prefix=secret[:PREFIX_LETTERS],
        secret_hash=hash_of(secret),
        scopes=wanted,
        created_at=moment,
        expires_at=expires_at,
    )
    with transaction.atomic():
        token.save()
        audit.record(
            by_id,
            "accounts.token_made",
            f"token:{token.prefix}",
            {
                "name": token.name,
                "owner": owner.username,
                "permissions": wanted,
                "expires_at": expires_at,
            },
        )
    return token, secret


def revoke(token: ApiToken, *, by_id: int | None = None) -> None:
    """End a token now; doing it twice changes nothing."""
    with transaction.atomic():
        changed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
            revoked_at=clock.real_now()
        )
        if changed:
            audit.record(
                by_id,
                "accounts.token_revoked",
                f"token:{token.prefix}",
                {"name": token.name, "owner": token.owner.username},
            )


def living(owner: User) -> list[str]:
    """Return the names of the tokens that act for ``owner`` now."""
    rows = ApiToken.objects.filter(in_force(clock.real_now()), owner=owner)
    return list(rows.order_by("name").values_list("name", flat=True))


def revoke_all(owner: User, *, by_id: int | None = None) -> list[str]:
    """End every token that acts for ``owner`` now; return the names of those that were valid."""
    names = living(owner)
    for row in ApiToken.objects.filter(owner=owner, revoked_at=None).select_related("owner"):
        revoke(row, by_id=by_id)
    return names


def find(prefix: str) -> ApiToken:
    """Return a living or dead token by its first letters; refuses with `accounts.unknown_token`."""
    found = ApiToken.objects.select_related("owner").filter(prefix=prefix.strip()).first()
    if found is None:
        raise UnknownToken(prefix)
    return found


def in_force(moment: datetime) -> Q:
    """Return the condition for tokens that may be used at ``moment``."""
    return Q(revoked_at=None, owner__is_active=True) & (
        Q(expires_at=None) | Q(expires_at__gt=moment)
    )


class _Gate:
    """Remembers, in this process, which addresses sent wrong tokens and which tokens are good."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.misses: dict[str, list[float]] = {}
        self.good: dict[str, float] = {}
        self.noted: dict[int, float] = {}

    def forget(self) -> None:
        with self.lock:
            self.misses.clear()
            self.good.clear()
            self.noted.clear()

    def wait_s(self, address: str, digest: str) -> int:
        """Return how long this address must wait; 0 lets the call through to the look-up."""
        now = time.monotonic()
        with self.lock:
            recent = [at for at in self.misses.get(address, ()) if now - at < MISSES_WINDOW_S]
            if len(recent) < MISSES_MAX or now - self.good.get(digest, -GOOD_FOR_S) < GOOD_FOR_S:
                return 0
            return max(1, round(MISSES_WINDOW_S - (now - recent[0])))

    def miss(self, address: str, digest: str) -> None:
        now = time.monotonic()
        with self.lock:
            self.good.pop(digest, None)
            if len(self.misses) > 10_000:  # somebody with many addresses must not fill our memory
                self.misses.clear()
            recent = [at for at in self.misses.get(address, ()) if now - at < MISSES_WINDOW_S]
            self.misses[address] = [*recent[-MISSES_MAX:], now]

    def hit(self, digest: str, pk: int) -> bool:
        """Remember a good token; tell whether its use is due to be written down."""
        now = time.monotonic()
        with self.lock:
            self.good[digest] = now
            due = now - self.noted.get(pk, -USE_NOTED_EVERY_S) >= USE_NOTED_EVERY_S
            if due:
                self.noted[pk] = now
            return due


gate = _Gate()


def bearer_of(request: HttpRequest) -> str:
    """Return the token a request carries; empty when it carries none."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def authenticate(request: HttpRequest, secret: str) -> Any:
    """Let the request act for the token's owner, within the token's scopes.

    Refuses with `accounts.token_refused` (401), and with `accounts.too_many_bad_tokens` (429) an
    address that keeps sending wrong ones.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    digest = hash_of(secret)
    wait_s = gate.wait_s(address, digest)
    if wait_s:
        raise TooManyBadTokens(wait_s)
    moment = clock.real_now()
    token = (
        ApiToken.objects.select_related("owner")
        .filter(in_force(moment), secret_hash=digest)
        .first()
    )
    if token is None:
        gate.miss(address, digest)
        raise TokenRefused
    if gate.hit(digest, token.pk):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=moment, last_address=address[:45])
    permissions.narrow(token.owner, token.scopes)
    request.user = token.owner
    audit.act_through(f"{token.name} ({token.prefix})")
    return token.owner


def soon(days: int) -> datetime:
    """Return the moment ``days`` from now, for forms that offer a span."""
    return clock.real_now() + timedelta(days=days)
