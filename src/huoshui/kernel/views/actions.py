"""What a reader may do with saved views."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.views import kept
from huoshui.kernel.views.models import SavedView

VIEWS_MAX = 50
NAME_CHARS_MAX = 80
QUERY_CHARS_MAX = 4000


class NameNeeded(errors.Refused):
    """A view is found again by its name."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "views.name_needed",
            _("A saved view needs a name of at most %(count)s characters.")
            % {"count": NAME_CHARS_MAX},
            next_step=_("Type a name and save again."),
        )


class TooMany(errors.Refused):
    """A list with a hundred views helps nobody."""

    def __init__(self) -> None:
        super().__init__(
            "views.too_many",
            _("You keep %(count)s views of this list already.") % {"count": VIEWS_MAX},
            next_step=_("Remove one that you no longer need."),
        )


class NotYours(errors.Refused):
    """Only the owner changes or removes a view."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "views.not_yours",
            _("There is no such view of yours."),
            next_step=_("Load the list again."),
        )


def save(
    user: Any, *, page: str, path: str, name: str, query: str, is_shared: bool = False
) -> SavedView:
    """Keep a view under a name; one of the same name is replaced.

    Refuses with `views.name_needed`, `views.too_many`, and `accounts.not_allowed` for sharing.
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_CHARS_MAX or len(query) > QUERY_CHARS_MAX:
        raise NameNeeded
    if is_shared:
        permissions.require(user, "views.share")
    with transaction.atomic():
        others = SavedView.objects.filter(owner_id=user.pk, page=page).exclude(name=name)
        if others.count() >= VIEWS_MAX:
            raise TooMany
        found, _made = SavedView.objects.update_or_create(
            owner_id=user.pk,
            page=page,
            name=name,
            defaults={
                "path": path,
                "query": query,
                "is_shared": is_shared,
                "saved_at": clock.now(),
            },
        )
        detail = {"page": page, "name": name, "shared": is_shared}
        audit.record(user.pk, "views.saved", f"view:{found.pk}", detail)
    kept.forget()
    return found


def remove(user: Any, pk: int) -> None:
    """Remove a view of one's own. Refuses with `views.not_yours`."""
    with transaction.atomic():
        found = SavedView.objects.filter(pk=pk, owner_id=user.pk).first()
        if found is None:
            raise NotYours
        detail = {"page": found.page, "name": found.name}
        found.delete()
        audit.record(user.pk, "views.removed", f"view:{pk}", detail)
    kept.forget()
