"""What may be done with an announcement from its page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from huoshui.areas.announcements import actions, audience, models
from huoshui.areas.announcements.contracts import State
from huoshui.areas.announcements.web import shown
from huoshui.areas.customers import facade as customers
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.jobs import work

# More accounts than this are gathered in the background.
AT_ONCE = 3_000


def find_people(request: HttpRequest, row: models.Announcement) -> str:
    """Gather the people of a draft, in the background where there may be many; return where to go.

    What is refused is shown on the announcement's page.
    """
    if not audience.is_chosen(row):
        return shown.url_of(row.number)
    # An area, a zone or a list may hold any part of the town; of estates the size is known.
    only_estates = row.estates and not (row.everyone or row.polygon or row.zones)
    accounts = [one.accounts for one in customers.estates()
                if not only_estates or one.code in row.estates]  # fmt: skip
    if sum(accounts) > AT_ONCE:
        return work.begin(request, actions.gather_in_background, number=row.number)
    try:
        actions.gather(row.number, by_id=request.user.pk)
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return shown.url_of(row.number)


def _deed(request: HttpRequest, number: str, do: Any, success: Any) -> HttpResponse:
    """Do one thing and go back to the page, with what came of it or why not."""
    try:
        result = do()
    except errors.Refused as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    else:
        messages.success(request, success(result) if callable(success) else success)
    return HttpResponseRedirect(shown.url_of(number))


@permissions.needs("announcements.compose")
@require_POST
def gather(request: HttpRequest, number: str) -> HttpResponse:
    """Find the people of a draft."""
    return HttpResponseRedirect(find_people(request, shown.row_of(number)))


@permissions.needs("announcements.compose")
@require_POST
def submit(request: HttpRequest, number: str) -> HttpResponse:
    """Hand a draft in."""

    def said(row: models.Announcement) -> Any:
        if row.state == State.WAITING:
            return _("Handed in. A second person releases it.")
        return _("Released.")

    return _deed(request, number, lambda: actions.submit(number, by_id=request.user.pk), said)


@permissions.needs("announcements.release")
@require_POST
def release(request: HttpRequest, number: str) -> HttpResponse:
    """Release what another person handed in."""
    by_id = int(str(request.user.pk))
    return _deed(request, number, lambda: actions.release(number, by_id=by_id), _("Released."))


@permissions.needs("announcements.release")
@require_POST
def give_back(request: HttpRequest, number: str) -> HttpResponse:
    """Give an announcement back to its composer."""
    by_id, reason = int(str(request.user.pk)), request.POST.get("reason", "")
    return _deed(
        request, number, lambda: actions.give_back(number, by_id=by_id, reason=reason),
        _("Given back to its composer."),
    )  # fmt: skip


@permissions.needs("announcements.compose")
@require_POST
def recall(request: HttpRequest, number: str) -> HttpResponse:
    """Take an announcement back: one's own, or any with the permission to release."""
    row = shown.row_of(number)
    if row.submitted_by_id != request.user.pk:
        permissions.require(request.user, "announcements.release")
    reason = request.POST.get("reason", "")

    def said(stopped: int) -> str:
        return ngettext(
            "Taken back. %(n)s message was stopped.",
            "Taken back. %(n)s messages were stopped.",
            stopped,
        ) % {"n": stopped}

    return _deed(
        request, number,
        lambda: actions.recall(number, by_id=request.user.pk, reason=reason), said,
    )  # fmt: skip


@permissions.needs("announcements.release")
@require_POST
def retry(request: HttpRequest, number: str) -> HttpResponse:
    """Send failed messages again."""
    also = request.POST.get("uncertain") == "1"

    def said(count: int) -> str:
        return ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", count) % {
            "n": count
        }

    return _deed(
        request, number,
        lambda: actions.retry_failed(number, by_id=request.user.pk, also_uncertain=also), said,
    )  # fmt: skip


@permissions.needs("announcements.compose")
@require_POST
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throw a draft away."""
    actions.discard(number, by_id=request.user.pk)
    messages.success(request, _("The draft was thrown away."))
    return HttpResponseRedirect(reverse("announcements:announcements"))
