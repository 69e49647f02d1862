"""A form that is sent twice is done once: a double click, a second press, a page loaded again.

The page gives the form a key. What was sent with a key is remembered together with the deed, in
one transaction; the same once more leads to where the first led, and does nothing. Whoever goes
back and types something else sends something else, and that is done.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, numbering

FIELD = "form_key"
KEPT = timedelta(days=2)
View = TypeVar("View", bound=Callable[..., Any])


def key_field() -> SafeString:
    """Return the hidden field by which a form is known when it comes again."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4().hex)


def done_once(request: HttpRequest, deed: Callable[[], HttpResponse | str]) -> HttpResponse | str:
    """Do what a form asks, all or nothing, unless it was done already; return where to go.

    A form without a key is done as often as it comes. What is refused may be sent again.
    """
    mark = _fingerprint(request)
    if not mark:
        return deed()
    from huoshui.kernel.pages.models import SentForm

    with transaction.atomic():
        numbering.alone(f"pages.sent_form:{mark}")  # the second of two at once waits here
        before = SentForm.objects.filter(fingerprint=mark).first()
        if before is not None:
            messages.info(request, _("This was sent already; it counts once."))
            return before.led_to
        answer = deed()
        if isinstance(answer, HttpResponse) and answer.status_code >= 400:
            return answer  # nothing was done, so it may be sent again
        now = clock.now()
        led_to = answer if isinstance(answer, str) else answer.get("Location", request.path)
        SentForm.objects.filter(at__lt=now - KEPT).delete()
        SentForm.objects.create(fingerprint=mark, led_to=led_to[:500], at=now)
    return answer


def once(view: View) -> View:
    """Let a view that takes a form with a key do it once. Marks of permission go outside."""

    @wraps(view)
    def doing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = done_once(request, lambda: view(request, *args, **kwargs))
        return HttpResponseRedirect(answer) if isinstance(answer, str) else answer

    return doing  # type: ignore[return-value]


def _fingerprint(request: HttpRequest) -> str:
    """Return what makes two posts the same: who, where, and everything that was sent."""
    if request.method != "POST" or not request.POST.get(FIELD):
        return ""
    said = sorted(
        (name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"
    )
    files = sorted(
        (name, one.name, one.size) for name, several in request.FILES.lists() for one in several
    )
    whole = json.dumps([request.user.pk, request.get_full_path(), said, files])
    return hashlib.sha256(whole.encode()).hexdigest()
