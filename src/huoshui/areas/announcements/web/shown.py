"""What the pages of announcements show of one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import models, queries, rules, wording, words
from huoshui.areas.announcements.contracts import State
from huoshui.areas.customers import facade as customers
from huoshui.kernel.accounts import permissions, personal
from huoshui.kernel.pages import formats

STEPS = (
    ("words", words.WORDS, "announcements:words"),
    ("people", words.PEOPLE, "announcements:people"),
    ("ways", words.CHANNELS, "announcements:ways"),
    ("check", _("Check and hand in"), "announcements:announcement"),
)


def row_of(number: str) -> models.Announcement:
    """Return an announcement, or raise `Http404`."""
    row = queries.announcement(number)
    if row is None:
        raise Http404
    return row


def url_of(number: str) -> str:
    """Return the address of an announcement's page."""
    return reverse("announcements:announcement", args=[number])


def trail(row: models.Announcement | None, label: Any = "") -> tuple[tuple[Any, str], ...]:
    """Return the breadcrumbs."""
    first = ((_("Announcements"), reverse("announcements:announcements")),)
    if row is None:
        return (*first, (label, "")) if label else first
    if not label:
        return (*first, (row.number, ""))
    return (*first, (row.number, url_of(row.number)), (label, ""))


def steps(row: models.Announcement | None, now: str) -> list[dict[str, Any]]:
    """Return the steps of composing: what each is called, where it is, which one this is."""
    return [
        {
            "label": label,
            "url": reverse(name, args=[row.number]) if row else "",
            "is_now": code == now,
            "place": place,
        }
        for place, (code, label, name) in enumerate(STEPS, start=1)
    ]


def title_of(row: Mapping[str, Any] | models.Announcement) -> str:
    """Return an announcement's title in the reader's language, where it has one."""
    said = row if isinstance(row, Mapping) else vars(row)
    title = said["title_zh"] if formats.chinese() else said["title_en"] or said["title_zh"]
    known = {
        "place": said["place"],
        "from": wording.moment(said["from_at"]),
        "until": wording.moment(said["until_at"]),
        "kind": str(words.KINDS[said["kind"]]),
        "name": "",
        "account": "",
    }
    return rules.filled(title, known)


def money(cents: Decimal | None) -> str:
    """Return an amount in yuan."""
    return f"¥{(cents or Decimal(0)) / 100:,.2f}"


def may(request: HttpRequest, deed: str) -> bool:
    """Tell whether the reader may do something with announcements."""
    return permissions.holds(request.user, f"announcements.{deed}")


def may_compose(request: HttpRequest, row: models.Announcement) -> bool:
    """Tell whether the reader may go on composing this one."""
    return row.state == State.DRAFT and may(request, "compose")


def name_for(request: HttpRequest, name: str) -> str:
    """Return a name as this reader may see it."""
    return name if personal.may_see(request.user) else customers.masked_name(name)


def address_for(request: HttpRequest, row: Mapping[str, Any]) -> str:
    """Return where a message went, as this reader may see it."""
    way = row["way"]
    if way == "sms":
        return personal.phone_for(request.user, row["phone"])
    value = str(row["email"] if way == "email" else row["wechat"])
    if not value or personal.may_see(request.user):
        return value
    return f"{value[:2]}{personal.STARS}{value[value.find('@') :] if '@' in value else value[-2:]}"


def why_words(codes: str, estates: Mapping[str, str], zones: Mapping[str, str]) -> str:
    """Return why somebody was chosen, with estates and zones by their names."""
    said = []
    for one in codes.split(","):
        kind, _colon, code = one.partition(":")
        name = (estates if kind == "estate" else zones).get(code, code) if code else ""
        said.append(f"{words.WHY.get(kind, kind)} {name}".strip())
    return formats.listed(said)
