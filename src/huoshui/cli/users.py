"""Add users, set passwords, give and end posts."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the deeds."""
    deeds = parser.add_subparsers(dest="deed", required=True)
    deeds.add_parser("list", help="list users with their posts")
    adding = deeds.add_parser("add", help="add a user with a random password")
    adding.add_argument("username")
    adding.add_argument("--name", default="")
    adding.add_argument("--post", action="append", default=[], dest="posts")
    for deed, help_text in (
        ("password", "set a new random password"),
        ("unlock", "let a locked user try again"),
        ("deactivate", "let a user sign in no longer"),
        ("activate", "let a user sign in again"),
    ):
        deeds.add_parser(deed, help=help_text).add_argument("username")
    for deed, help_text in (("give", "give a post"), ("end", "end a post")):
        one = deeds.add_parser(deed, help=help_text)
        one.add_argument("username")
        one.add_argument("post")


def run(options: argparse.Namespace) -> int:
    """Do one deed and say what came of it."""
    import django

    django.setup()
    from huoshui.kernel import clock
    from huoshui.kernel.accounts import actions
    from huoshui.kernel.accounts.models import User

    say = sys.stdout.write
    if options.deed == "list":
        for user in User.objects.order_by("username"):
            held = user.holdings.valid_at(clock.now()).values_list("post__code", flat=True)
            state = "" if user.is_active else " (inactive)"
            say(f"{user.username}\t{user.name}\t{', '.join(sorted(held))}{state}\n")
        return 0
    if options.deed == "add":
        user, password = actions.add_user(options.username, options.name, posts=options.posts)
        say(f"{user.username}\nPassword: {password}\n")
        return 0
    user = actions.find_user(options.username)
    if options.deed == "password":
        say(f"Password: {actions.set_password(user)}\n")
    elif options.deed == "unlock":
        say(f"{actions.unlock(user)} wrong passwords forgotten\n")
    elif options.deed == "give":
        actions.give_post(user, options.post)
    elif options.deed == "end":
        actions.end_post(user, options.post)
    else:
        actions.set_active(user, options.deed == "activate")
    return 0
