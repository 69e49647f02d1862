"""What a user may do: declared in code, given through posts, refused by default.

Declare in ``AppConfig.ready``; mark every page with `needs` or `public` and every API endpoint
with ``auth=permissions.api(code)``. A view with no mark is refused by the middleware.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import posts

View = TypeVar("View", bound=Callable[..., Any] | type)


@dataclass(frozen=True)
class Permission:
    """One thing that can be allowed, and the posts that have it unless an installation differs.

    ``by_unit`` promises that whatever asks for it also asks where: a post that is limited to a part
    of the organisation gives it there only. ``in_house`` is for reading what the whole house may
    know: a limited post gives it everywhere. It gives nothing else.
    """

    code: str
    label: Any
    posts: frozenset[str]
    by_unit: bool = False
    in_house: bool = False


class NotAllowed(errors.Refused):
    """The user's posts do not include this permission."""

    status = 403

    def __init__(self, code: str) -> None:
        super().__init__(
            "accounts.not_allowed",
            _("Your posts do not include this: %(permission)s.") % {"permission": label_of(code)},
            data={"permission": code},
            next_step=_("Ask an administrator, or sign in with another post."),
        )


class NotAllowedHere(errors.Refused):
    """The user's posts include this permission, but not for the unit that a thing belongs to."""

    status = 403

    def __init__(self, code: str, unit: str) -> None:
        where = unit or _("no unit")
        super().__init__(
            "accounts.not_allowed_here",
            _("Your post is limited to a part of the organisation, and this belongs to %(unit)s.")
            % {"unit": where},
            data={"permission": code, "unit": unit},
            next_step=_("Ask somebody of that unit, or somebody whose post is not limited."),
        )


class SignInNeeded(errors.Refused):
    """Nobody is signed in; pages send the reader to the sign-in page instead of showing this."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "accounts.sign_in_needed",
            _("You are not signed in, or your session has ended."),
            next_step=_("Sign in and try again."),
        )


_declared: dict[str, Permission] = {}


def declare(
    code: str,
    label: Any,
    *,
    posts: Iterable[str] = (),
    by_unit: bool = False,
    in_house: bool = False,
) -> None:
    """Make a permission known. The administrator always has it; ``posts`` have it by default.

    Say ``by_unit`` only where every use of it keeps to `units_of`, `may_in` or `require_in`, and
    ``in_house`` only of reading what is neither personal nor secret.
    """
    if "." not in code:
        msg = f"a permission code is area.what_it_allows, not {code!r}"
        raise ValueError(msg)
    _declared[code] = Permission(code, label, _known_posts(posts), by_unit, in_house)


def _known_posts(codes: Iterable[str]) -> frozenset[str]:
    unknown = set(codes) - set(posts.POSTS)
    if unknown:
        msg = f"unknown posts: {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    return frozenset(codes)


def declared() -> tuple[Permission, ...]:
    """Return every permission, sorted by code."""
    return tuple(_declared[code] for code in sorted(_declared))


def label_of(code: str) -> Any:
    """Return what a permission is called; one of another version stays a code."""
    return _declared[code].label if code in _declared else code


def of_post(code: str, *, granted: Iterable[str] = (), withdrawn: Iterable[str] = ()) -> set[str]:
    """Return the permission codes of a post with this installation's differences.

    ``code`` is a post of the fixed list; of a post made here, the one that it copies.
    """
    if code == posts.ADMINISTRATOR:
        return set(_declared)
    default = {one.code for one in _declared.values() if code in one.posts}
    return (default | (set(granted) & set(_declared))) - set(withdrawn)


def of_row(post: Any) -> set[str]:
    """Return the permission codes of a row of the table of posts."""
    if post.code == posts.ADMINISTRATOR:
        return set(_declared)
    return of_post(post.pattern, granted=post.granted, withdrawn=post.withdrawn)


@dataclass
class Reach:
    """What a user may do now: everywhere, and in which parts of the organisation only."""

    everywhere: set[str]
    units: dict[str, set[int]]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self.everywhere).union(self.units)


def _reach_of(user: Any) -> Reach:
    """Return what a user's posts give; one query per request, one more for a limited post."""
    found: Reach | None = getattr(user, "_permission_reach", None)
    if found is None:
        found = _reaches([user.pk])[user.pk]
        user._permission_reach = found
    return found


def _reaches(user_ids: Collection[int]) -> dict[int, Reach]:
    """Return what the posts of some users give; one query, one more where a post is limited."""
    from huoshui.kernel.accounts.models import PostHolding

    found = {key: Reach(set(), {}) for key in user_ids}
    limited: list[tuple[int, set[str], int]] = []
    rows = (
        PostHolding.objects.filter(user_id__in=list(user_ids))
        .valid_at(clock.now())
        .select_related("post")
        .only("user_id", "unit_id", "post__code", "post__based_on", "post__granted",
              "post__withdrawn")
    )  # fmt: skip
    for row in rows:
        codes, mine = of_row(row.post), found[row.user_id]
        if row.unit_id is None:
            mine.everywhere |= codes
        else:
            mine.everywhere |= {c for c in codes if _declared[c].in_house}
            limited.append((row.user_id, {c for c in codes if _declared[c].by_unit}, row.unit_id))
    if limited:
        from huoshui.kernel.organisation import tree

        units = tree.on()
        for user_id, codes, unit in limited:
            mine = found[user_id]
            for code in codes - mine.everywhere:
                mine.units.setdefault(code, set()).update(units.below(unit))
    return found


def units_of_many(user_ids: Iterable[int], code: str) -> dict[int, frozenset[int] | None]:
    """Return for each of some users what `units_of` returns; two queries, however many they are.

    Of a user who may not sign in, no unit.
    """
    from huoshui.kernel.accounts.models import User

    active = set(
        User.objects.filter(pk__in=set(user_ids), is_active=True).values_list("pk", flat=True)
    )
    return {
        key: None if code in one.everywhere else frozenset(one.units.get(code, ()))
        for key, one in _reaches(active).items()
    }


def of_user(user: Any) -> frozenset[str]:
    """Return the permission codes a user holds now, somewhere at least."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    codes = _reach_of(user).codes
    limit = getattr(user, "_permission_limit", None)
    return codes if limit is None else codes & limit


def holds(user: Any, code: str, unit: int | None = None) -> bool:
    """Tell whether a user may do what ``code`` allows, in a unit if one is named by its key."""
    if code not in of_user(user):
        return False
    reached = units_of(user, code) if unit is not None else None
    return reached is None or unit in reached


def units_of(user: Any, code: str) -> frozenset[int] | None:
    """Return the keys of the units in which a user holds ``code``; None: everywhere.

    A post that is limited to a unit reaches what is below it today as well.
    """
    if code not in of_user(user):
        return frozenset()
    reach = _reach_of(user)
    return None if code in reach.everywhere else frozenset(reach.units[code])


def may_in(user: Any, code: str, unit: int | None) -> bool:
    """Tell whether a user may do what ``code`` allows to a thing of a unit.

    What belongs to no unit is open to those only whose post is not limited.
    """
    reached = units_of(user, code)
    return reached is None or (unit is not None and unit in reached)


def require_in(user: Any, code: str, units: Iterable[int | None]) -> None:
    """Refuse with `accounts.not_allowed_here` whose limited post does not reach all of these.

    ``user`` is somebody or their key; nobody is the product itself. Whether they hold ``code`` at
    all is the question of the page or endpoint before.
    """
    if isinstance(user, int):
        from huoshui.kernel.accounts.models import User

        user = User.objects.filter(pk=user).first()
    if user is None or code not in of_user(user):
        return
    for unit in units:
        if not may_in(user, code, unit):
            from huoshui.kernel.organisation import tree

            raise NotAllowedHere(code, tree.on().name_of(unit))


def require(user: Any, code: str) -> None:
    """Refuse with `accounts.not_allowed` (403), or `accounts.sign_in_needed` (401)."""
    if not getattr(user, "is_authenticated", False):
        raise SignInNeeded
    if not holds(user, code):
        raise NotAllowed(code)


def needs(code: str) -> Callable[[View], View]:
    """Mark a view: the middleware lets only users with this permission through."""

    def mark(view: View) -> View:
        view.permission = code  # type: ignore[union-attr]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that anybody may open, signed in or not."""
    view.permission = PUBLIC  # type: ignore[union-attr]
    return view


def signed_in(view: View) -> View:
    """Mark a view that every signed-in user may open, whatever their posts."""
    view.permission = SIGNED_IN  # type: ignore[union-attr]
    return view


PUBLIC = "*public"
SIGNED_IN = "*signed_in"


def required_by(view: Any) -> str | None:
    """Return the mark of a view function or of the class behind it; none means refuse."""
    for one in (view, getattr(view, "view_class", None), getattr(view, "func", None)):
        mark = getattr(one, "permission", None)
        if isinstance(mark, str) and mark:
            return mark
    return None


def check(user: Any, mark: str) -> None:
    """Refuse unless ``user`` satisfies the mark of a view."""
    if mark == PUBLIC:
        return
    if mark == SIGNED_IN:
        if not getattr(user, "is_authenticated", False):
            raise SignInNeeded
        return
    require(user, mark)


def narrow(user: Any, codes: Iterable[str]) -> None:
    """Let this ``user`` object do no more than ``codes`` for as long as it lives."""
    user._permission_limit = frozenset(codes)


def api(code: str, *, scopes: Callable[[], Iterable[str]] = tuple) -> Callable[[HttpRequest], Any]:
    """Return what an API endpoint takes as ``auth=``: somebody who holds ``code``.

    Either a signed-in user by the session cookie, or a program by ``Authorization: Bearer TOKEN``.
    Where any signed-in user may ask, a program has to hold one of ``scopes``.
    Calls with the cookie that change something need the CSRF token as well, since another site
    could make a browser send it; a token is never sent by a browser alone.
    """
    from ninja.security import APIKeyCookie

    class SessionOrToken(APIKeyCookie):
        """The session cookie of a signed-in user, or the token of a program."""

        param_name = settings.SESSION_COOKIE_NAME
        permission = code

        def __call__(self, request: HttpRequest) -> Any:
            from huoshui.kernel.accounts import tokens

            secret = tokens.bearer_of(request)
            if not secret:
                return super().__call__(request)
            check(tokens.authenticate(request, secret), code)
            if code == SIGNED_IN and not any(holds(request.user, one) for one in scopes()):
                raise NotAllowed(next(iter(scopes()), code))
            return request.user

        def authenticate(self, request: HttpRequest, key: str | None) -> Any:
            check(request.user, code)
            return request.user

    return SessionOrToken()
