"""What a button does to one user: end a post, give it back, close the access, unlock."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.kernel.accounts import actions, permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.organisation.models import Unit
from huoshui.kernel.pages import kit

MANAGE = "accounts.manage"


def _user(pk: int) -> User:
    return get_object_or_404(User, pk=pk)


def _to_user(user: User) -> str:
    return reverse("accounts:user", args=[user.pk])


@permissions.needs(MANAGE)
@require_POST
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """End a user's holding of a post."""
    user = _user(pk)
    code, key = request.POST.get("post", ""), request.POST.get("unit", "")
    actions.end_post(user, code, unit=_unit_named(key), by_id=request.user.pk)
    way_back = reverse("accounts:give_back_post", args=[user.pk])
    said = _("%(name)s does not hold this post any more.") % {"name": user.name}
    kit.undo(request, said, f"{way_back}?{urlencode({'post': code, 'unit': key})}")
    return HttpResponseRedirect(_to_user(user))


def _unit_named(key: str) -> Unit | None:
    return get_object_or_404(Unit, pk=int(key)) if key.isdecimal() else None


@permissions.needs(MANAGE)
@require_POST
def give_back_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a user's holding of a post was ended: they hold it again from now on."""
    user = _user(pk)
    unit = _unit_named(request.GET.get("unit", ""))
    actions.give_post(user, request.GET.get("post", ""), unit=unit, by_id=request.user.pk)
    return HttpResponseRedirect(_to_user(user))


@permissions.needs(MANAGE)
@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a user sign in, or no longer."""
    user = _user(pk)
    active = (request.POST.get("active") or request.GET.get("active")) == "1"
    actions.set_active(user, active, by_id=request.user.pk)
    if not active:
        said = _("%(name)s cannot sign in any more.") % {"name": user.name}
        kit.undo(request, said, f"{reverse('accounts:set_active', args=[user.pk])}?active=1")
    return HttpResponseRedirect(_to_user(user))


@permissions.needs(MANAGE)
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a user who mistyped too often try again at once."""
    user = _user(pk)
    actions.unlock(user, by_id=request.user.pk)
    return HttpResponseRedirect(_to_user(user))
