"""What customers show on pages of others: what a case is about."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huoshui.areas.customers.models import Account, Estate, Grid, Supervisor
from huoshui.areas.customers.web import shown


def case_link(request: HttpRequest, *, kind: str, code: str, **_more: Any) -> SafeString | None:
    """Draw what a case is about where that is an account, an estate, a grid or a supervisor."""
    found: tuple[str, str] | None = None
    if kind == "customers.account" and Account.objects.filter(code=code).exists():
        found = shown.account_url(code), gettext("Account %(code)s") % {"code": code}
    elif kind == "customers.estate":
        name = Estate.objects.filter(code=code).values_list("name", flat=True).first()
        found = (shown.estate_url(code), name) if name else None
    elif kind == "customers.grid":
        name = Grid.objects.filter(code=code).values_list("name", flat=True).first()
        found = (shown.grid_url(code), name) if name else None
    elif kind == "customers.supervisor" and code.isdecimal():
        name = Supervisor.objects.filter(pk=int(code)).values_list("name", flat=True).first()
        found = (reverse("customers:supervisors"), name) if name else None
    return format_html('<a href="{}">{}</a>', *found) if found else None
