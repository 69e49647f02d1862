"""What anybody may see without signing in: announcements, their feed, and the poster."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from huoshui.areas.announcements import (
    actions,
    models,
    outbox,
    posters,
    queries,
    rules,
    wording,
    words,
)
from huoshui.areas.announcements.contracts import State
from huoshui.areas.announcements.web import shown
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats

PAGE_SIZE = 20
FEED_SIZE = 50


def told(row: models.Announcement) -> dict[str, Any]:
    """Return what a page or poster says of an announcement: nothing of people."""
    english = wording.for_everybody(row, english=True) if row.text_en or row.title_en else None
    return {
        "number": row.number,
        "kind": words.KINDS[row.kind],
        "colour": words.KIND_COLOURS[row.kind],
        "chinese": wording.for_everybody(row),
        "english": english,
        "title": shown.title_of(row),
        "place": row.place,
        "from": formats.moment(row.from_at) if row.from_at else "",
        "until": formats.moment(row.until_at) if row.until_at else "",
        "released": formats.moment(row.released_at) if row.released_at else "",
        "is_over": bool(row.until_at and row.until_at <= clock.now()),
        "is_recalled": row.state == State.RECALLED,
        "reason": row.recall_reason,
        "url": reverse("announcements:public", args=[row.token]),
    }


@permissions.public
@require_GET
def public(request: HttpRequest, token: str) -> HttpResponse:
    """Show one announcement to anybody; of one taken back only that it was."""
    row = queries.by_token(token)
    if row is None:
        raise Http404
    mark = request.GET.get("m", "")
    if mark and (delivery_id := wording.delivery_of(mark)):
        actions.note_opened(delivery_id, announcement_id=row.pk)
    context = {"title": shown.title_of(row), "one": told(row), "trail": _trail()}
    return render(request, "announcements/public.html", context)


def _trail() -> tuple[tuple[Any, str], ...]:
    return ((_("Public announcements"), reverse("announcements:public_list")),)


@permissions.public
@require_GET
def public_list(request: HttpRequest) -> HttpResponse:
    """Show anybody what is announced now, or what was; with ``format=json`` as open data."""
    is_past, asked = request.GET.get("show") == "past", request.GET.get("q", "").strip()[:100]
    found = queries.public(clock.now(), is_past=is_past, words=asked.split()[:5])
    if request.GET.get("format") == "json":
        rows = [told(row) for row in found[:FEED_SIZE]]
        return JsonResponse({"announcements": [_open_data(request, one) for one in rows]})
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "title": _("Public announcements"),
        "rows": [told(row) for row in page],
        "page": page,
        "is_past": is_past,
        "asked": asked,
    }
    return render(request, "announcements/public_list.html", context)


class PublicFeed(Feed):
    """What is announced now and was of late, for a reader of feeds; the latest first."""

    feed_type = Atom1Feed

    def title(self) -> str:
        """Return what the feed is called."""
        return gettext("Announcements of the water company")

    def link(self) -> str:
        """Return the page that says the same."""
        return reverse("announcements:public_list")

    def items(self) -> QuerySet[models.Announcement]:
        """Return the announcements."""
        return queries.public_feed()[:FEED_SIZE]

    def item_title(self, item: models.Announcement) -> str:
        """Return its title in the reader's language."""
        return shown.title_of(item)

    def item_description(self, item: models.Announcement) -> str:
        """Return its text as the public page has it."""
        said = told(item)
        return str((said["chinese"] if formats.chinese() else said["english"] or said["chinese"])
                   .text)  # fmt: skip

    def item_link(self, item: models.Announcement) -> str:
        """Return its public page."""
        return reverse("announcements:public", args=[item.token])

    def item_guid(self, item: models.Announcement) -> str:
        """Return what names it whatever the address of the city's page is."""
        return f"urn:huoshui:announcement:{item.number}"

    def item_pubdate(self, item: models.Announcement) -> datetime | None:
        """Return when it was released."""
        return item.released_at


@permissions.public
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """Answer with the announcements as an Atom feed."""
    return PublicFeed()(request)


def _open_data(request: HttpRequest, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": one["number"],
        "kind": str(one["kind"]),
        "title": one["title"],
        "text": one["chinese"].text,
        "place": one["place"],
        "from": one["from"],
        "until": one["until"],
        "url": request.build_absolute_uri(one["url"]),
    }


@permissions.needs("announcements.read")
@require_GET
def poster(request: HttpRequest, number: str) -> HttpResponse:
    """Show an A4 page to print and hang up, with a code that leads to the public page."""
    row = shown.row_of(number)
    path = reverse("announcements:public", args=[row.token])
    base = outbox.house_rules().page_address
    address = f"{base.rstrip('/')}{path}" if base else request.build_absolute_uri(path)
    # It hangs in the city, whatever language its printer reads.
    with translation.override(wording.LANGUAGE):
        one = told(row)
    context = {
        "title": _("Poster"),
        "one": one,
        "is_draft": row.state not in rules.RELEASED,
        # Made by ourselves from an address of ours: no foreign text is in it.
        "picture": mark_safe(posters.picture(address)) if row.is_public else "",
        "trail": shown.trail(row, _("Poster")),
    }
    return render(request, "announcements/poster.html", context)
