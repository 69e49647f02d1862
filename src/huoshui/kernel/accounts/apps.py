from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "accounts.signed_in": _("Signed in"),
    "accounts.locked_out": _("Locked out after wrong passwords or codes"),
    "accounts.signed_out": _("Signed out"),
    "accounts.demo_signed_in": _("Signed in by one click (demo)"),
    "accounts.user_added": _("User added"),
    "accounts.user_changed": _("User corrected"),
    "accounts.user_activated": _("Access opened"),
    "accounts.user_deactivated": _("Access closed"),
    "accounts.user_unlocked": _("Wrong passwords forgotten"),
    "accounts.password_set": _("Password set"),
    "accounts.service_added": _("Service account added"),
    "accounts.token_made": _("API token made"),
    "accounts.token_revoked": _("API token revoked"),
    "accounts.second_factor_set_up": _("Second factor set up"),
    "accounts.second_factor_given_up": _("Second factor removed by its owner"),
    "accounts.second_factor_reset": _("Second factor reset"),
    "accounts.recovery_codes_renewed": _("Recovery codes renewed"),
    "accounts.session_ended": _("Session ended from afar"),
    "accounts.post_given": _("Post given"),
    "accounts.post_ended": _("Post ended"),
    "accounts.post_made": _("Post copied"),
    "accounts.post_closed": _("Post closed"),
    "accounts.post_second_factor_set": _("Second factor of a post changed"),
    "accounts.people_listed": _("List of users seen with telephone numbers"),
    "accounts.person_read": _("User seen with telephone number"),
    "accounts.post_permissions_changed": _("Permissions of a post changed"),
}

DETAILS = {
    "accounts.granted": _("Granted"),
    "accounts.permissions": _("Permissions"),
    "accounts.post": _("Post"),
    "accounts.required": _("Required"),
    "accounts.second_factor": _("Second factor"),
    "accounts.tokens_ended": _("Tokens that ended as well"),
    "accounts.withdrawn": _("Withdrawn"),
}
SECOND_STEPS = {"app": _("Authenticator app"), "recovery_code": _("Recovery code")}
_own_posts: dict[str, Any] = {}


class AccountsConfig(AppConfig):
    name = "huoshui.kernel.accounts"
    label = "accounts"
    verbose_name = _("Users and posts")

    def ready(self) -> None:
        from huoshui.kernel import audit, health
        from huoshui.kernel.accounts import checks, permissions, personal
        from huoshui.kernel.pages import menu

        permissions.declare(
            "accounts.manage", _("Manage users and posts"), posts=("administrator",)
        )
        permissions.declare(
            "accounts.read", _("See users"), posts=("administrator", "manager"), by_unit=True
        )
        permissions.declare(
            "accounts.see_personal",
            _("See telephone numbers in full"),
            posts=("administrator", "manager", "dispatcher", "service_manager", "hotline_agent"),
            by_unit=True,
        )
        menu.add("system", _("Users"), "accounts:users", "accounts.read", "users", 10)
        menu.add("system", _("Posts"), "accounts:posts", "accounts.manage", "id", 14)
        menu.add("system", _("API tokens"), "accounts:tokens", "accounts.manage", "key", 16)
        for action, label in DEEDS.items():
            audit.name_deed(action, label)
        health.declare("accounts.administrators", _("Administrators"), checks.administrators)
        health.declare("accounts.tokens", _("API tokens"), checks.expiring_tokens)
        audit.name_details(DETAILS)
        audit.name_values("accounts.post", name_of_post)
        # Who reads the trail learns that a number was changed, not the number.
        audit.name_values("accounts.phone", personal.mask_phone)
        audit.name_values("accounts.second_factor", lambda code: SECOND_STEPS.get(code, code))
        for key in ("permissions", "granted", "withdrawn"):
            audit.name_values(f"accounts.{key}", permissions.label_of)
        audit.name_subject("user", _("User"))
        audit.name_subject("post", _("Post"), name_of_post)
        audit.name_subject("users", _("Users"))
        audit.name_subject("token", _("API token"))
        from axes.signals import user_locked_out

        user_locked_out.connect(note_lock, dispatch_uid="accounts.note_lock")
        post_migrate.connect(make_posts, sender=self, dispatch_uid="accounts.make_posts")


def note_lock(*, username: str | None = None, ip_address: str | None = None, **kwargs: Any) -> None:
    """Record that somebody guesses at a name: once in a while, not for each further try."""
    from huoshui.kernel import audit

    subject = f"user:{(username or '')[:64]}"
    audit.record_read(None, "accounts.locked_out", subject, {"address": ip_address})


def name_of_post(code: str) -> Any:
    """Return what a post is called, one made here too."""
    from huoshui.kernel.accounts.posts import POSTS

    return POSTS[code] if code in POSTS else _own_post(code) or code


def _own_post(code: str) -> Any:
    """Return the name of a post made here; asked once, since such a post is never renamed."""
    from huoshui.kernel.accounts.models import Post

    if code not in _own_posts:
        found = Post.objects.filter(code=code).first()
        if found is None:
            return None
        _own_posts[code] = found
    return _own_posts[code].name


def make_posts(*, using: str, **kwargs: Any) -> None:
    """Make the row of each post of the fixed list that has none yet, after every migration."""
    from huoshui.kernel.accounts.models import Post
    from huoshui.kernel.accounts.posts import POSTS

    for code in POSTS:
        Post.objects.using(using).get_or_create(code=code)
