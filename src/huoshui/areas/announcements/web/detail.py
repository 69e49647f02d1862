"""One announcement: what it says, to whom, how far it came, and what may be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import (
    actions,
    audience,
    models,
    outbox,
    queries,
    rules,
    setups,
    wording,
    words,
)
from huoshui.areas.announcements.contracts import State, Way
from huoshui.areas.announcements.web import lists, shown
from huoshui.areas.announcements.web.compose import area_props
from huoshui.areas.customers import facade as customers
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import posts as all_posts
from huoshui.kernel.pages import formats, kit

SAMPLES = 3


class AnnouncementPage(kit.DetailPage):
    """One announcement; of a draft the last step before it is handed in."""

    permission = "announcements.read"
    template = "announcements/announcement.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.Announcement:
        return shown.row_of(kwargs["number"])

    def heading(self, request: HttpRequest, obj: models.Announcement) -> Any:
        return shown.title_of(obj)

    def badges(self, request: HttpRequest, obj: models.Announcement) -> Sequence[SafeString]:
        found = [
            kit.badge(words.KINDS[obj.kind], words.KIND_COLOURS[obj.kind]),
            kit.badge(*words.STATES[obj.state]),
        ]
        if obj.is_urgent:
            found.append(kit.badge(_("Urgent"), "red"))
        return found

    def trail(self, request: HttpRequest, obj: models.Announcement) -> Sequence[tuple[Any, str]]:
        return shown.trail(obj)

    def facts(self, request: HttpRequest, obj: models.Announcement) -> Sequence[kit.Section]:
        what = [
            kit.Fact(_("Number"), obj.number),
            kit.Fact(words.WHERE, obj.place),
            kit.Fact(words.FROM, obj.from_at, format="moment"),
            kit.Fact(words.UNTIL, obj.until_at, format="moment"),
            kit.Fact(_("Public page"), _("Yes") if obj.is_public else _("No"),
                     href=_public_url(obj)),
        ]  # fmt: skip
        who = [
            kit.Fact(_("Composed by"), _person(obj.composed_by, obj.composed_at)),
            kit.Fact(_("Handed in by"), _person(obj.submitted_by, obj.submitted_at)),
            kit.Fact(_("Second person"), _person(obj.approved_by, obj.released_at)),
            kit.Fact(words.RELEASED, obj.released_at, format="moment"),
            kit.Fact(_("Sent out"), obj.ended_at, format="moment"),
        ]
        if obj.recalled_at:
            who.append(kit.Fact(_("Taken back"), _person(obj.recalled_by, obj.recalled_at),
                                note=obj.recall_reason))  # fmt: skip
        return (
            kit.Section(_("Announcement"), what),
            kit.Section(_("For whom"), _chosen(obj)),
            kit.Section(_("Who did it"), who),
        )

    def actions(self, request: HttpRequest, obj: models.Announcement) -> Sequence[SafeString]:
        return _Buttons(request, obj).all()

    def context(self, request: HttpRequest, obj: models.Announcement) -> dict[str, Any]:
        chinese = wording.for_everybody(obj)
        english = wording.for_everybody(obj, english=True) if obj.text_en else None
        is_draft = obj.state in (State.DRAFT, State.WAITING)
        progress = queries.progress(obj)
        return {
            "row": obj,
            "steps": shown.steps(obj, "check") if shown.may_compose(request, obj) else (),
            "chinese": chinese,
            "english": english,
            "warnings": list(_warnings(obj)),
            "counted": _counted(obj) if is_draft else (),
            "samples": _samples(request, obj) if is_draft else (),
            "progress": [_progress(obj, one) for one in progress],
            "cost": shown.money(sum((one.cost_cents for one in progress), start=Decimal(0))),
            "refreshes": obj.state in (State.QUEUING, State.SENDING),
            "area": area_props(obj) if obj.polygon else None,
            "back_form": obj.state == State.WAITING and shown.may(request, "release"),
            "recall_form": _may_recall(request, obj),
        }


def _public_url(obj: models.Announcement) -> str:
    if not obj.is_public or obj.state not in rules.RELEASED:
        return ""
    return reverse("announcements:public", args=[obj.token])


def _person(person: Any, at: Any) -> str:
    return f"{person.name} · {formats.moment(at)}" if person else ""


def _chosen(obj: models.Announcement) -> list[kit.Fact]:
    """Return in words who was chosen."""
    estates = {one.code: one.name for one in customers.estates()} if obj.estates else {}
    zones = network.zone_names() if obj.zones else {}
    facts = []
    if obj.everyone:
        facts.append(kit.Fact(_("Customers"), _("all")))
    if obj.polygon:
        n = len(obj.polygon)
        corners = ngettext("%(n)s corner", "%(n)s corners", n) % {"n": n}
        facts.append(kit.Fact(_("Area on the map"), corners))
    if obj.estates:
        facts.append(kit.Fact(_("Estates"), formats.listed(estates.get(c, c) for c in obj.estates)))
    if obj.zones:
        facts.append(kit.Fact(_("Zones"), formats.listed(zones.get(c, c) for c in obj.zones)))
    if obj.trace_asset:
        facts.append(kit.Fact(_("Cut off by an outage at"), obj.trace_asset))
    listed = obj.listed.count()
    if listed:
        facts.append(kit.Fact(_("List brought in"), listed, format="d"))
    if obj.risks:
        facts.append(
            kit.Fact(_("Lists of risks"), formats.listed(str(words.RISKS[r]) for r in obj.risks))
        )
    if obj.people_total is not None:
        url = lists.url_for("recipients", obj.number)
        facts.append(kit.Fact(words.PEOPLE, obj.people_total, format="d", href=url))
        facts.append(kit.Fact(_("Accounts"), obj.accounts_total, format="d"))
    ways = formats.listed(str(words.WAYS[way]) for way in obj.ways)
    facts.append(kit.Fact(words.CHANNELS, ways))
    if Way.IN_APP in obj.ways:
        posts = formats.listed(str(all_posts.POSTS.get(code, code)) for code in obj.staff_posts)
        facts.append(kit.Fact(_("Staff told in the product"), posts))
    return facts


def _warnings(obj: models.Announcement) -> Iterator[str]:
    """Yield what whoever hands this in or releases it should know first."""
    if obj.answer and obj.state == State.DRAFT:
        yield gettext("Given back: %(reason)s") % {"reason": obj.answer}
    if obj.state in (State.DRAFT, State.WAITING):
        missing = rules.missing_notice(
            obj.kind, obj.from_at, obj.until_at, told_at=obj.submitted_at or clock.now()
        )
        if missing and obj.from_at:
            needed = rules.notice_needed(obj.from_at, obj.until_at)
            yield gettext(
                "A planned outage is told %(needed)s ahead; this one is %(missing)s too late."
            ) % {"needed": formats.duration(needed), "missing": formats.duration(missing)}
        standing = setups.standing()
        for way in audience.personal_ways(obj):
            if not standing[way].is_ready:
                yield gettext("The channel “%(channel)s” is off: no message leaves over it.") % {
                    "channel": words.WAYS[way]
                }
        if audience.needs_people(obj) and not audience.is_chosen(obj):
            yield gettext("Nobody is chosen yet.")
        if actions.releasing.is_mass(obj):
            yield gettext("So many people: a second person releases this announcement.")
    elif obj.late_by_s:
        yield gettext("This outage was told %(missing)s too late.") % {
            "missing": formats.duration(obj.late_by_s)
        }
    house = outbox.house_rules()
    if obj.state == State.SENDING and not obj.is_urgent and outbox.is_quiet_now(house):
        yield gettext("Quiet hours: messages go on at %(until)s.") % {
            "until": f"{house.quiet_until:%H:%M}"
        }


def _counted(obj: models.Announcement) -> list[dict[str, Any]]:
    """Return for a draft what each channel will reach, from the people that were gathered."""
    ways = audience.personal_ways(obj)
    if not ways or obj.gathered_at is None:
        return []
    return [
        {
            "label": words.WAYS[way],
            "reached": one["reached"],
            "opted_out": one["opted_out"],
            "no_address": one["no_address"],
            "cost": shown.money(Decimal(one["estimate_cents"])),
        }
        for way in ways
        if (one := obj.counted.get(way))
    ]


def _samples(request: HttpRequest, obj: models.Announcement) -> list[dict[str, Any]]:
    people = list(obj.recipients.filter(leader__isnull=True).order_by("pk")[:SAMPLES])
    if people:
        lists.note_reading(request, obj.number)
    found = []
    for one in people:
        name = shown.name_for(request, one.name)
        said = wording.for_person(obj, name=name, account=one.account_code)
        parts = rules.sms_parts(said.text)
        found.append({"name": name, "said": said, "parts": parts, "chars": len(said.text)})
    return found


def _progress(obj: models.Announcement, one: queries.WayProgress) -> dict[str, Any]:
    def url(**more: str) -> str:
        return lists.url_for("messages", obj.number, way=one.way, **more)

    return {
        "label": one.label,
        "meant": one.meant,
        "done": one.meant - one.open,
        "open": one.open,
        "through": one.through,
        "delivered": one.delivered,
        "read": one.read,
        "failed": one.failed,
        "failed_url": url(state="failed"),
        "left_out": one.left_out,
        "left_out_url": url(state="left_out"),
        "url": url(),
        "cost": shown.money(one.cost_cents),
        "reasons": [(words.reason(code), n) for code, n in sorted(one.reasons.items())],
    }


def _may_recall(request: HttpRequest, obj: models.Announcement) -> bool:
    if obj.state not in (*rules.RELEASED, State.WAITING):
        return False
    mine = obj.submitted_by_id == request.user.pk and shown.may(request, "compose")
    return mine or shown.may(request, "release")


class _Buttons:
    """The buttons of an announcement's page, by its state and the reader's posts."""

    def __init__(self, request: HttpRequest, row: models.Announcement) -> None:
        self.request, self.row = request, row

    def _deed(self, label: Any, name: str, **how: Any) -> SafeString:
        url = reverse(f"announcements:{name}", args=[self.row.number])
        return kit.action_button(self.request, label, url, **how)

    def all(self) -> list[SafeString]:
        """Return what this reader may do now."""
        row, request = self.row, self.request
        found = []
        if row.state != State.DRAFT or Way.POSTER in row.ways:
            url = reverse("announcements:poster", args=[row.number])
            found.append(kit.link_button(_("Poster"), url, icon="file-text"))
        if row.state not in (State.DRAFT, State.WAITING) and audience.needs_people(row):
            url = lists.url_for("messages", row.number)
            found.append(kit.link_button(words.MESSAGES, url, icon="list"))
            url = reverse("announcements:effect", args=[row.number])
            found.append(kit.link_button(_("What came of it"), url, icon="chart-bar"))
        if shown.may_compose(request, row):
            found += self._of_draft()
        if row.state == State.WAITING and shown.may(request, "release"):
            found.append(
                self._deed(_("Release"), "release", confirm=self._question(), icon="check")
            )
        if row.state in (State.SENDING, State.DONE) and shown.may(request, "release"):
            found += self._of_failed()
        return found

    def _question(self) -> str:
        people = self.row.people_total or 0
        if not audience.needs_people(self.row):
            return gettext("Release this announcement?")
        said = ngettext(
            "Release this announcement to %(n)s person?",
            "Release this announcement to %(n)s people?",
            people,
        ) % {"n": people}
        cost = shown.money(self.row.estimate_cents)
        return f"{said} {gettext('Estimated cost: %(cost)s.') % {'cost': cost}}"

    def _of_draft(self) -> list[SafeString]:
        found = [
            self._deed(_("Throw away"), "discard", colour="ghost-danger", icon="trash",
                       confirm=_("Throw this draft away?")),
        ]  # fmt: skip
        if audience.needs_people(self.row) and audience.is_chosen(self.row):
            label = _("Find people again") if self.row.gathered_at else _("Find people")
            found.append(self._deed(label, "gather", colour="secondary", icon="users"))
        question = "" if actions.releasing.is_mass(self.row) else self._question()
        found.append(self._deed(_("Hand in"), "submit", confirm=question, icon="check"))
        return found

    def _of_failed(self) -> list[SafeString]:
        failed: dict[str, int] = {}
        for one in queries.progress(self.row):
            for code, n in one.reasons.items():
                if one.failed and code not in (rules.NO_ADDRESS, rules.OPTED_OUT, rules.NOT_NEEDED):
                    failed[code] = failed.get(code, 0) + n
        uncertain = failed.pop(rules.OUTCOME_UNKNOWN, 0)
        found = []
        if failed:
            found.append(
                self._deed(_("Send failed ones again"), "retry", colour="secondary", icon="refresh")
            )
        if uncertain:
            found.append(
                self._deed(
                    _("Also those of uncertain fate"), "retry", colour="warning", icon="refresh",
                    values={"uncertain": "1"},
                    confirm=_("Some of these people may then have the message twice. Send?"),
                )
            )  # fmt: skip
        return found
