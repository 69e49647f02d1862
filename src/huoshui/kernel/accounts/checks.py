"""What the health page says of how people get in."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, health, settings
from huoshui.kernel.accounts import actions, second_factor, tokens
from huoshui.kernel.accounts.models import ApiToken, SecondFactor, User


def administrators() -> Iterator[health.Finding]:
    """Say when one lost password or phone would lock everybody out, or let anybody in."""
    found = set(actions.administrators(clock.now()))
    if len(found) == 1 and settings.get().demo:
        yield health.Finding(health.OK, _("The demo needs only one administrator."))
    elif len(found) == 1:
        yield health.Finding(
            health.WARNING,
            _("There is only one administrator. Nobody can help them back in."),
            remedy=_("Give the post to a second person."),
            url="/system/users/",
        )
    people = User.objects.filter(pk__in=found)
    bare = people.exclude(pk__in=SecondFactor.objects.values("user_id"))
    names = [str(one) for one in bare if second_factor.needed(one)]
    if names:
        yield health.Finding(
            health.WARNING,
            _("These administrators have no second factor yet: %(names)s.")
            % {"names": ", ".join(names)},
            remedy=_("They are asked to set it up when they next sign in."),
            url="/system/users/",
        )


def expiring_tokens() -> Iterator[health.Finding]:
    """Name the tokens that are in use and will soon be refused."""
    moment = clock.real_now()
    rows = ApiToken.objects.filter(
        tokens.in_force(moment), expires_at__lt=tokens.soon(7), last_used_at__isnull=False
    )
    for one in rows.order_by("expires_at"):
        yield health.Finding(
            health.WARNING,
            _("The API token %(name)s expires within a week.") % {"name": one.name},
            remedy=_("Make a new one and put it into the program before."),
            url=f"/tokens/{one.prefix}/",
        )
