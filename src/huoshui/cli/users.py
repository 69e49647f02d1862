"""Add users, set passwords, give and end posts."""

from __future__ import annotations

import argparse
import sys

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the deeds."""
    deeds = parser.add_subparsers(dest="deed", required=True)
    deeds.add_parser("list", help=_("list users with their posts"))
    adding = deeds.add_parser("add", help=_("add a user with a random password"))
    adding.add_argument("username")
    adding.add_argument("--name", default="")
    adding.add_argument("--post", action="append", default=[], dest="posts")
    for deed, help_text in (
        ("password", _("set a new random password")),
        ("unlock", _("let a locked user try again")),
        ("deactivate", _("let a user sign in no longer")),
        ("activate", _("let a user sign in again")),
        ("reset-second-factor", _("remove the second factor of a user who lost their phone")),
    ):
        deeds.add_parser(deed, help=help_text).add_argument("username")
    for deed, help_text in (("give", _("give a post")), ("end", _("end a post"))):
        one = deeds.add_parser(deed, help=help_text)
        one.add_argument("username")
        one.add_argument("post")
    service = deeds.add_parser("service", help=_("add a service account, which acts by tokens"))
    service.add_argument("username")
    service.add_argument("--name", default="")
    service.add_argument("--post", action="append", default=[], dest="posts")
    _add_token_arguments(deeds.add_parser("token", help=_("list, make and revoke API tokens")))


def _add_token_arguments(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("list", help=_("list tokens: who, what for, what they may do, latest use"))
    making = tasks.add_parser("make", help=_("make a token and print it once"))
    making.add_argument("username", help=_("who the token acts for"))
    making.add_argument("--name", default="", help=_("which program uses it"))
    making.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PERMISSION",
        help=_("what it may do, such as telemetry.read; repeat for more"),
    )
    making.add_argument("--days", type=int, default=90, help=_("valid for; 0 for no end"))
    tasks.add_parser("revoke", help=_("end a token now")).add_argument("prefix")


def run(options: argparse.Namespace) -> int:
    """Do one deed and say what came of it."""
    speaking.begin()
    from huoshui.kernel import clock
    from huoshui.kernel.accounts import actions, second_factor
    from huoshui.kernel.accounts.models import User

    say = sys.stdout.write
    if options.deed == "list":
        for user in User.objects.order_by("username"):
            held = user.holdings.valid_at(clock.now()).values_list("post__code", flat=True)
            state = "" if user.is_active else " (" + _("inactive") + ")"
            say(f"{user.username}\t{user.name}\t{', '.join(sorted(held))}{state}\n")
        return 0
    if options.deed == "add":
        user, password = actions.add_user(options.username, options.name, posts=options.posts)
        say(f"{user.username}\n" + _("Password:") + f" {password}\n")
        return 0
    if options.deed == "service":
        actions.add_service(options.username, options.name, posts=options.posts)
        return 0
    if options.deed == "token":
        return _token(options)
    user = actions.find_user(options.username)
    if options.deed == "password":
        say(_("Password:") + f" {actions.set_password(user)}\n")
    elif options.deed == "unlock":
        say(_("%(n)d wrong passwords forgotten") % {"n": actions.unlock(user)} + "\n")
    elif options.deed == "reset-second-factor":
        found = second_factor.reset(user)
        say((_("second factor removed") if found else _("there was no second factor")) + "\n")
    elif options.deed == "give":
        actions.give_post(user, options.post)
    elif options.deed == "end":
        actions.end_post(user, options.post)
    else:
        actions.set_active(user, options.deed == "activate")
    return 0


def _token(options: argparse.Namespace) -> int:
    from huoshui.kernel.accounts import actions, tokens
    from huoshui.kernel.accounts.models import ApiToken

    say = sys.stdout.write
    if options.task == "make":
        token, secret = tokens.make(
            actions.find_user(options.username),
            options.name,
            options.allow,
            expires_at=tokens.soon(options.days) if options.days else None,
        )
        say(f"{token.name}\n" + _("Token, shown only now:") + f" {secret}\n")
        return 0
    if options.task == "revoke":
        tokens.revoke(tokens.find(options.prefix))
        return 0
    for one in ApiToken.objects.select_related("owner").order_by("owner__username", "name"):
        over = one.revoked_at or one.expires_at
        ends = _("revoked") if one.revoked_at else _("expires")
        end = f"{ends} {over:%Y-%m-%d}" if over else _("no end")
        used = _("never used")
        if one.last_used_at:
            used = _("used") + f" {one.last_used_at:%Y-%m-%d %H:%M}"
        owner = one.owner.username
        say(f"{one.prefix}\t{owner}\t{one.name}\t{', '.join(one.scopes)}\t{end}\t{used}\n")
    return 0
