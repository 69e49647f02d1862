"""What may be done to posts: change what they allow, copy one under a new name, close it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors
from huoshui.kernel.accounts import actions, permissions
from huoshui.kernel.accounts import posts as post_list
from huoshui.kernel.accounts.models import Post, PostHolding


class UnknownPermission(errors.Refused):
    """The permission was never declared."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "accounts.unknown_permission",
            _("There is no permission %(code)s.") % {"code": code},
            data={"code": code},
            next_step=_("Choose from the page of permissions."),
        )


class PostChangedMeanwhile(errors.Refused):
    """Somebody else changed the post since the form was loaded."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "accounts.post_changed_meanwhile",
            _("Somebody else has just changed what %(post)s may do.") % {"post": name},
            data={"post": name},
            next_step=_("Load the page again and repeat your change."),
        )


class PostIsFixed(errors.Refused):
    """The administrator's post cannot be changed, nor a post of the list renamed or closed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "accounts.post_is_fixed",
            _("The post %(post)s cannot be changed in this way.") % {"post": name},
            data={"post": name},
            next_step=_("Make a copy of a post and change the copy."),
        )


class PostNameTaken(errors.Refused):
    """Another post has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "accounts.post_name_taken",
            _("There is a post called %(post)s already.") % {"post": name},
            data={"post": name},
            next_step=_("Choose another name."),
        )


class PostStillHeld(errors.Refused):
    """A post that somebody holds is not closed."""

    def __init__(self, name: str, holders: list[str]) -> None:
        super().__init__(
            "accounts.post_still_held",
            _("%(post)s is still held by %(holders)s.")
            % {"post": name, "holders": ", ".join(holders)},
            data={"post": name, "holders": holders},
            next_step=_("End their holding first."),
        )


def state_of(post: Post) -> str:
    """Return a short mark of what a post may do, by which a form notices a change meanwhile."""
    text = " ".join(sorted(permissions.of_row(post)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def set_post_permissions(
    code: str, allowed: Iterable[str], *, seen: str = "", by_id: int | None = None
) -> None:
    """Say exactly what a post may do here; only the differences from the defaults are kept.

    ``seen`` is the `state_of` the post on which the choice was made. Refuses with
    `accounts.unknown_permission`, `accounts.post_is_fixed`, `accounts.post_changed_meanwhile`.
    """
    wanted = set(allowed)
    known = {one.code for one in permissions.declared()}
    if wanted - known:
        raise UnknownPermission(sorted(wanted - known)[0])
    with transaction.atomic():
        # Read inside the transaction: two who save at once must not undo each other unseen.
        post = _locked(code)
        if post.code == post_list.ADMINISTRATOR:
            raise PostIsFixed(str(post.name))
        if seen and seen != state_of(post):
            raise PostChangedMeanwhile(str(post.name))
        default = permissions.of_post(post.pattern)
        before = permissions.of_row(post)
        post.granted = sorted(wanted - default)
        # A permission this version does not know stays withdrawn if it was.
        post.withdrawn = sorted((default - wanted) | (set(post.withdrawn) - known))
        post.save(update_fields=["granted", "withdrawn"])
        if before != wanted:
            audit.record(
                by_id,
                "accounts.post_permissions_changed",
                f"post:{code}",
                {"granted": sorted(wanted - before), "withdrawn": sorted(before - wanted)},
            )


def copy_post(source: str, *, name_zh: str, name_en: str = "", by_id: int | None = None) -> Post:
    """Make a post of one's own that may do what ``source`` may do now.

    Refuses with `accounts.unknown_post`, `accounts.post_is_fixed` for the administrator, and
    `accounts.post_name_taken`.
    """
    chinese = name_zh.strip()
    english = name_en.strip() or chinese
    with transaction.atomic():
        pattern = _locked(source)
        if pattern.pattern == post_list.ADMINISTRATOR:
            raise PostIsFixed(str(pattern.name))
        for one in Post.objects.all():
            if one.is_open and str(one.name) in {chinese, english}:
                raise PostNameTaken(str(one.name))
        number = (Post.objects.aggregate(latest=Max("pk"))["latest"] or 0) + 1
        post = Post.objects.create(
            code=f"own_{number}",
            based_on=pattern.pattern,
            name_zh=chinese,
            name_en=english,
            granted=pattern.granted,
            withdrawn=pattern.withdrawn,
            second_factor=pattern.second_factor,
        )
        audit.record(
            by_id,
            "accounts.post_made",
            f"post:{post.code}",
            {"name_zh": chinese, "name_en": english, "post": source},
        )
    return post


def close_post(code: str, *, by_id: int | None = None) -> None:
    """Close a post made here, so that nobody is given it any more.

    Refuses with `accounts.post_is_fixed` and `accounts.post_still_held`.
    """
    with transaction.atomic():
        post = _locked(code)
        if not post.based_on:
            raise PostIsFixed(str(post.name))
        held = PostHolding.objects.filter(post=post).valid_at(clock.now()).select_related("user")
        holders = [str(one.user) for one in held]
        if holders:
            raise PostStillHeld(str(post.name), holders)
        if post.is_open:
            post.is_open = False
            post.save(update_fields=["is_open"])
            audit.record(by_id, "accounts.post_closed", f"post:{code}", {})


def require_second_factor(code: str, required: bool, *, by_id: int | None = None) -> None:
    """Say whether the holders of a post need a second factor to sign in."""
    with transaction.atomic():
        post = _locked(code)
        if post.second_factor is required:
            return
        post.second_factor = required
        post.save(update_fields=["second_factor"])
        detail = {"required": required}
        audit.record(by_id, "accounts.post_second_factor_set", f"post:{code}", detail)


def _locked(code: str) -> Post:
    found = Post.objects.select_for_update().filter(code=code).first()
    if found is None:
        raise actions.UnknownPost(code)
    return found
