"""Who sits at the hotline when, and when nobody does."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from huoshui.areas.hotline import rules
from huoshui.areas.hotline.models import Shift
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions, posts
from huoshui.kernel.accounts.models import Post, PostHolding, User

LOOK_AHEAD = timedelta(days=7)


def shifts() -> QuerySet[Shift]:
    """Return the shifts that stand, with whose they are."""
    rows = Shift.objects.filter(cancelled_at__isnull=True)
    return rows.select_related("user", "offered_to")


def on_duty(moment: datetime) -> list[Shift]:
    """Return who sits at the hotline at a moment."""
    return list(shifts().filter(from_at__lte=moment, until__gt=moment).order_by("from_at"))


def gaps(from_at: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return when nobody is planned between two moments."""
    rows = shifts().filter(from_at__lt=until, until__gt=from_at)
    return rules.gaps(rows.values_list("from_at", "until"), from_at, until)


def agents() -> list[User]:
    """Return the people whose posts let them take calls, by name."""
    codes = [
        post.pk
        for post in Post.objects.exclude(code=posts.ADMINISTRATOR)
        if "hotline.take_calls" in permissions.of_row(post)
    ]
    held = PostHolding.objects.filter(post_id__in=codes).valid_at(clock.now())
    people = User.objects.filter(pk__in=held.values("user_id"), is_active=True)
    return list(people.order_by("name", "username"))
