"""Pages about oneself: the password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.accounts import actions, forms, permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import kit


class OwnPassword(kit.FormPage):
    """Change one's own password; other sessions of one's own end."""

    title = _("Change my password")
    permission = permissions.SIGNED_IN
    form_class = forms.OwnPasswordForm

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        return forms.OwnPasswordForm(
            request, get_object_or_404(User, pk=request.user.pk), **arguments
        )

    def submit(self, request: HttpRequest, form: Any) -> str:
        user = form.user
        actions.set_password(user, form.cleaned_data["password"], by_id=user.pk)
        update_session_auth_hash(request, user)
        return "/"


urlpatterns = [
    OwnPassword.path("me/password/", name="own_password"),
]
