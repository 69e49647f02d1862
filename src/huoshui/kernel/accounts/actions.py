"""What may be done to users and posts; every deed leaves an audit record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors
from huoshui.kernel.accounts import posts as post_list
from huoshui.kernel.accounts import tokens
from huoshui.kernel.accounts.models import Post, PostHolding, User

if TYPE_CHECKING:
    from huoshui.kernel.organisation.models import Unit

PASSWORD_BYTES = 12


class UsernameTaken(errors.Refused):
    """Somebody already signs in under this name."""

    def __init__(self, username: str) -> None:
        super().__init__(
            "accounts.username_taken",
            _("The user name %(username)s is already in use.") % {"username": username},
            data={"username": username},
            next_step=_("Choose another user name."),
        )


class UnknownUser(errors.Refused):
    """Nobody signs in under this name."""

    status = 404

    def __init__(self, username: str) -> None:
        super().__init__(
            "accounts.unknown_user",
            _("There is no user called %(username)s.") % {"username": username},
            data={"username": username},
            next_step=_("Look the name up in the list of users."),
        )


class UnknownPost(errors.Refused):
    """The post is not in the fixed list."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "accounts.unknown_post",
            _("There is no post %(code)s.") % {"code": code},
            data={"code": code, "known": known_posts()},
            next_step=_("Choose one of: %(codes)s.") % {"codes": ", ".join(known_posts())},
        )


class PostClosed(errors.Refused):
    """A post that was closed is given to nobody any more."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "accounts.post_closed",
            _("The post %(post)s is closed.") % {"post": name},
            data={"post": name},
            next_step=_("Choose another post."),
        )


class PasswordTooWeak(errors.Refused):
    """The password breaks the rules for passwords."""

    status = 422

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(
            "accounts.password_too_weak",
            _("This password cannot be used: %(reasons)s") % {"reasons": " ".join(reasons)},
            data={"reasons": reasons},
            next_step=_("Choose a longer password that others cannot guess."),
        )


class ServiceHasNoPassword(errors.Refused):
    """A program acts by tokens; a password would let somebody sign in as it."""

    def __init__(self, username: str) -> None:
        super().__init__(
            "accounts.service_has_no_password",
            _("%(username)s is a service account and has no password.") % {"username": username},
            data={"username": username},
            next_step=_("Make a token for it instead."),
        )


class LatestAdministrator(errors.Refused):
    """Without this user nobody could manage users any more."""

    def __init__(self) -> None:
        super().__init__(
            "accounts.latest_administrator",
            _("This user is the only administrator left, so they stay one."),
            next_step=_("Give the post of administrator to somebody else first."),
        )


def new_password() -> str:
    """Return a random password that nobody has to invent."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def add_user(
    username: str,
    name: str,
    *,
    posts: Iterable[str] = (),
    password: str | None = None,
    language: str = "",
    phone: str = "",
    is_demo: bool = False,
    by_id: int | None = None,
) -> tuple[User, str]:
    """Add a user holding ``posts`` from now on; return them and their password.

    Without ``password`` a random one is made; it is told once, here. Refuses with
    `accounts.username_taken`, `accounts.unknown_post`, `accounts.password_too_weak`.
    """
    username = username.strip().lower()
    user = User(
        username=username,
        name=name.strip() or username,
        language=language,
        phone=phone.strip(),
        is_demo=is_demo,
        created_at=clock.now(),
    )
    chosen = password or new_password()
    _check_password(chosen, user)
    user.set_password(chosen)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise UsernameTaken(username)
        user.save()
        audit.record(by_id, "accounts.user_added", f"user:{username}", {"name": user.name})
        for code in dict.fromkeys(posts):
            give_post(user, code, since_always=is_demo, by_id=by_id)
    return user, chosen


def add_service(
    username: str, name: str, *, posts: Iterable[str] = (), by_id: int | None = None
) -> User:
    """Add a service account, which acts by tokens and never signs in.

    Refuses with `accounts.username_taken` and `accounts.unknown_post`.
    """
    username = username.strip().lower()
    user = User(
        username=username,
        name=name.strip() or username,
        is_service=True,
        created_at=clock.now(),
    )
    user.set_unusable_password()
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise UsernameTaken(username)
        user.save()
        audit.record(by_id, "accounts.service_added", f"user:{username}", {"name": user.name})
        for code in dict.fromkeys(posts):
            give_post(user, code, by_id=by_id)
    return user


def set_password(user: User, password: str | None = None, *, by_id: int | None = None) -> str:
    """Set a user's password, a random one unless given, and return it.

    Ends every session of the user and every token that acts for them: whoever changes a password
    because somebody else knows it must not leave that person another way in. Refuses with
    `accounts.password_too_weak`, and with `accounts.service_has_no_password` for a service account.
    """
    if user.is_service:
        raise ServiceHasNoPassword(user.username)
    chosen = password or new_password()
    _check_password(chosen, user)
    user.set_password(chosen)
    with transaction.atomic():
        user.save(update_fields=["password"])
        ended = tokens.revoke_all(user, by_id=by_id)
        detail = {"tokens_ended": ended} if ended else {}
        audit.record(by_id, "accounts.password_set", f"user:{user.username}", detail)
    return chosen


def give_post(
    user: User,
    code: str,
    *,
    unit: Unit | None = None,
    since_always: bool = False,
    by_id: int | None = None,
) -> None:
    """Let a user hold a post from now on, in a unit only if one is given.

    Holding it already, there or everywhere, changes nothing. ``since_always`` is for the demo's
    people, whose posts must survive moving its clock back. Refuses with `accounts.unknown_post`
    and `accounts.post_closed`.
    """
    post = find_post(code)
    if not post.is_open:
        raise PostClosed(str(post.name))
    moment = clock.now()
    with transaction.atomic():
        held = PostHolding.objects.filter(user=user, post=post).valid_at(moment)
        if held.filter(Q(unit=None) | Q(unit=unit)).exists():
            return
        PostHolding.objects.create(
            user=user, post=post, unit=unit, from_at=None if since_always else moment
        )
        detail = {"post": code} | ({"unit": unit.code} if unit else {})
        audit.record(by_id, "accounts.post_given", f"user:{user.username}", detail)


def end_post(user: User, code: str, *, unit: Unit | None = None, by_id: int | None = None) -> None:
    """End a user's holding of a post now; not holding it changes nothing.

    Refuses with `accounts.latest_administrator` and `accounts.unknown_post`.
    """
    post = find_post(code)
    moment = clock.now()
    with transaction.atomic():
        held = PostHolding.objects.filter(user=user, post=post, unit=unit).valid_at(moment)
        if not held.exists():
            return
        if code == post_list.ADMINISTRATOR and unit is None:
            _keep_one_administrator(without=user)
        held.update(until_at=moment)
        detail = {"post": code} | ({"unit": unit.code} if unit else {})
        audit.record(by_id, "accounts.post_ended", f"user:{user.username}", detail)


def set_active(user: User, active: bool, *, by_id: int | None = None) -> None:
    """Let a user sign in, or no longer; their record stays.

    Refuses with `accounts.latest_administrator`.
    """
    with transaction.atomic():
        if not active:
            _keep_one_administrator(without=user)
        user.is_active = active
        user.save(update_fields=["is_active"])
        action = "accounts.user_activated" if active else "accounts.user_deactivated"
        audit.record(by_id, action, f"user:{user.username}", {})


def unlock(user: User, *, by_id: int | None = None) -> int:
    """Forget the wrong passwords that locked a user out; return how many there were."""
    from axes.utils import reset

    with transaction.atomic():
        forgotten = reset(username=user.username)
        audit.record(by_id, "accounts.user_unlocked", f"user:{user.username}", {})
    return int(forgotten)


def change_person(user: User, *, name: str, phone: str, by_id: int | None = None) -> None:
    """Correct a user's name and phone."""
    before = {"name": user.name, "phone": user.phone}
    user.name, user.phone = name.strip(), phone.strip()
    after = {"name": user.name, "phone": user.phone}
    if before == after:
        return
    with transaction.atomic():
        user.save(update_fields=["name", "phone"])
        audit.record(
            by_id,
            "accounts.user_changed",
            f"user:{user.username}",
            {"before": before, "after": after},
        )


def find_user(username: str) -> User:
    """Return a user by name, or refuse with `accounts.unknown_user`."""
    found = User.objects.filter(username=username.strip().lower()).first()
    if found is None:
        raise UnknownUser(username)
    return found


def find_post(code: str) -> Post:
    """Return a post by code, or refuse with `accounts.unknown_post`."""
    found = Post.objects.filter(code=code).first()
    if found is None:
        raise UnknownPost(code)
    return found


def known_posts() -> list[str]:
    """Return the codes of the posts that can be given."""
    return list(Post.objects.filter(is_open=True).order_by("pk").values_list("code", flat=True))


def administrators(moment: datetime) -> list[int]:
    """Return the keys of the active users who are administrators at ``moment``."""
    return list(
        PostHolding.objects.filter(
            post__code=post_list.ADMINISTRATOR,
            unit=None,
            user__is_active=True,
            user__is_service=False,
        )
        .valid_at(moment)
        .values_list("user_id", flat=True)
    )


def _keep_one_administrator(*, without: User) -> None:
    found = administrators(clock.now())
    if without.pk in found and not set(found) - {without.pk}:
        raise LatestAdministrator


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise PasswordTooWeak([str(reason) for reason in weak.messages]) from weak
