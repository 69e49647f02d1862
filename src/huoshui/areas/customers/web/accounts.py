"""The list of accounts, the page of one, and what people change about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import (
    actions,
    contracts,
    indexed,
    queries,
    refusals,
    rules,
    searching,
    seeing,
    visit_types,
    words,
)
from huoshui.areas.customers.models import Account, AccountPerson, CareVisit, OptOut, ServicePoint
from huoshui.areas.customers.web import shown
from huoshui.areas.network import facade as network
from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions, personal
from huoshui.kernel.pages import formats, kit

LIST = _("Customers")
FROST = "customers.frost"
VISITS_SHOWN = 12


EXPOSED = ServicePoint.objects.filter(is_exposed=True, account__isnull=False)


def _is_exposed(row: Account) -> bool:
    return any(point.is_exposed for point in row.points.all())


def _tag(*, exposed: bool) -> Callable[[HttpRequest, list[Any]], int]:
    return lambda request, ids: actions.tag_exposed(ids, exposed=exposed, by_id=request.user.pk)


def _owing(rows: QuerySet[Account], wanted: str) -> QuerySet[Account]:
    if wanted == "owing":
        return rows.filter(balance_cents__gt=0)
    if wanted == "ahead":
        return rows.filter(balance_cents__lt=0)
    if wanted == "exposed":
        return rows.filter(pk__in=EXPOSED.values("account"))
    return rows.filter(cares__ended_at__isnull=True, cares__isnull=False)


class Accounts(kit.ListPage):
    """All accounts, found by address, name, pinyin or number."""

    title = LIST
    permission = "customers.read"
    url_name = "customers:accounts"
    columns = (
        kit.Column("code", _("Account"), href=lambda row: shown.account_url(row.code)),
        kit.Column("holder", _("Holder"), value=lambda row: shown.holder(row.holder)),
        kit.Column("address", _("Address"), value=lambda row: row.premises.address),
        kit.Column("estate", _("Estate"), phone=False, optional=True,
                   value=lambda row: row.premises.estate and row.premises.estate.name),
        kit.Column("state", _("State"), badge=words.STATES, sort=False),
        kit.Column("tariff", _("Tariff group"), phone=False, sort=False),
        kit.Column("balance_cents", _("Balance"), format=shown.owed, phone=False),
        kit.Column("connection", _("Connection code"), phone=False, optional=True,
                   value=lambda row: row.premises.connection_code),
        kit.Column("meter", _("Meter number"), phone=False, optional=True,
                   value=lambda row: formats.listed(one.meter_number for one in row.points.all())),
        kit.Column("exposed", _("Exposed to frost"), phone=False, optional=True,
                   value=_is_exposed, badge={True: (_("Exposed"), "azure"), False: ("", "")}),
        kit.Column("use_m3_year", _("Use of a year"), unit="m³", format=",.0f", phone=False,
                   optional=True),
    )  # fmt: skip
    # Words are found by `searching`; the index only says that there is a box to type in.
    search_index = indexed.ADDRESSES
    search_hint = _("Address, name, pinyin, telephone, meter or account")
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=words.STATE_LABELS.items()),
        kit.ChoiceFilter("estate", _("Estate"), field="premises__estate__code",
                         choices=queries.estate_choices),
        kit.ChoiceFilter(
            "show", _("Show"), apply=_owing,
            choices=(("owing", _("Owing")), ("ahead", _("Paid ahead")),
                     ("care", _("Special care")), ("exposed", _("Meter exposed to frost"))),
        ),
    )  # fmt: skip
    bulk = (
        kit.BulkAction("exposed", _("Meter exposed to frost"), _tag(exposed=True),
                       permission=FROST, icon="temperature"),
        kit.BulkAction("sheltered", _("Meter no longer exposed"), _tag(exposed=False),
                       permission=FROST),
    )  # fmt: skip
    default_sort = "code"
    empty = _("No accounts yet. Import them from a table: Imports, Accounts.")

    @cached_property
    def words(self) -> list[str]:
        """The whole text of the search box: its parts are told apart by `searching`."""
        typed = self.request.GET.get("q", "").strip()
        return [typed] if typed else []

    def rows(self, request: HttpRequest) -> QuerySet[Account]:
        return queries.account_rows().prefetch_related("points")

    def _kept_query(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = searching.narrow(rows, self.words[0]) if self.words else rows
        return rows.order_by(self.sort, f"{'-' if self.sort.startswith('-') else ''}pk")

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "customers.edit"):
            return ()
        url = reverse("intake:bring", args=["accounts"])
        return (kit.link_button(_("Import"), url, icon="upload"),)


class AccountPage(kit.DetailPage):
    """Everything about one account, personal data masked."""

    permission = "customers.read"
    template = "customers/account.html"
    slot = "customers.account.panels"
    in_full = False

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Account:
        row = queries.account(kwargs["code"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: Account) -> Any:
        name = shown.holder(obj.holder, masked=not self.in_full)
        return _("Account %(code)s: %(name)s") % {"code": obj.code, "name": name}

    def badges(self, request: HttpRequest, obj: Account) -> Sequence[SafeString]:
        label, colour = words.STATES[contracts.AccountState(obj.state)]
        found = [kit.badge(label, colour)]
        if obj.care_now:  # type: ignore[attr-defined]
            found.append(kit.badge(_("Special care"), "purple"))
        if _is_exposed(obj):
            found.append(kit.badge(_("Exposed to frost"), "azure"))
        return found

    def trail(self, request: HttpRequest, obj: Account) -> Sequence[tuple[Any, str]]:
        return ((LIST, reverse("customers:accounts")), (obj.code, ""))

    def actions(self, request: HttpRequest, obj: Account) -> Sequence[SafeString]:
        found = []
        if not self.in_full and seeing.sight_of(request.user).reaches(obj):
            url = reverse("customers:unmask", args=[obj.code])
            found.append(kit.action_button(request, _("Show in full"), url, icon="eye", colour=""))
        if permissions.holds(request.user, "customers.care"):
            name = "customers:visit" if obj.care_now else "customers:begin_care"  # type: ignore[attr-defined]
            label = _("Record a visit") if obj.care_now else _("Into special care")  # type: ignore[attr-defined]
            found.append(kit.link_button(label, reverse(name, args=[obj.code]), icon="user-check"))
            if obj.care_now:  # type: ignore[attr-defined]
                url = reverse("customers:end_care", args=[obj.code])
                found.append(kit.link_button(_("End special care"), url, icon="x"))
        if obj.key_manager_id and permissions.holds(request.user, f"{visit_types.BUTLER}.open"):
            url = shown.opening_url(
                visit_types.BUTLER, link=f"customers.account:{obj.code}",
                title=obj.premises.address, place=obj.premises.address,
            )  # fmt: skip
            found.append(kit.link_button(_("Water butler"), url, icon="shield-check"))
        if obj.points.all() and permissions.holds(request.user, FROST):
            exposed = _is_exposed(obj)
            label = _("Meter no longer exposed") if exposed else _("Meter exposed to frost")
            url = reverse("customers:tag_exposed", args=[obj.code])
            values = {"exposed": "" if exposed else "1"}
            found.append(kit.action_button(request, label, url, icon="temperature", colour="",
                                           values=values))  # fmt: skip
        if permissions.holds(request.user, "customers.edit"):
            for name, label, icon in (
                ("customers:channels", _("Ways to reach"), "message"),
                ("customers:add_person", _("Add a person"), "plus"),
                ("customers:key_manager", _("Key-account manager"), "briefcase"),
            ):
                found.append(kit.link_button(label, reverse(name, args=[obj.code]), icon=icon))
        return found

    def facts(self, request: HttpRequest, obj: Account) -> Sequence[kit.Section]:
        return (
            kit.Section(_("Holder"), self._who(obj)),
            kit.Section(_("Place of use"), self._where(obj)),
            kit.Section(_("Account"), self._account(obj)),
            *(kit.Section(_("Meter"), self._meter(one)) for one in obj.points.all()),
            *(kit.Section(_("Special care"), self._care(one)) for one in obj.care_now),  # type: ignore[attr-defined]
        )

    def _phone(self, number: str) -> str:
        return number if self.in_full else personal.mask_phone(number)

    def _who(self, obj: Account) -> list[kit.Fact]:
        holder = obj.holder
        declined = [
            str(words.CHANNELS[contracts.Channel(one.channel)])
            for one in OptOut.objects.filter(person=holder).order_by("channel")
        ]
        facts = [
            kit.Fact(_("Holder"), shown.holder(holder, masked=not self.in_full)),
            kit.Fact(_("Person or company"), words.KINDS[contracts.PersonKind(holder.kind)]),
            kit.Fact(_("Telephone"),
                     formats.listed(self._phone(one.number) for one in holder.phones.all())),
        ]  # fmt: skip
        if holder.email:
            facts.append(kit.Fact(_("E-mail"), holder.email if self.in_full else "***"))
        facts.append(kit.Fact(_("WeChat"), _("Bound") if holder.wechat_openid else _("Not bound")))
        facts.append(kit.Fact(_("Does not want"), formats.listed(declined)))
        others = AccountPerson.objects.filter(account=obj).select_related("person")
        for one in others.prefetch_related("person__phones").order_by("id"):
            numbers = formats.listed(self._phone(phone.number) for phone in one.person.phones.all())
            name = shown.holder(one.person, masked=not self.in_full)
            facts.append(kit.Fact(words.ROLES[one.role], f"{name} {numbers}"))
        return facts

    def _where(self, obj: Account) -> list[kit.Fact]:
        place = obj.premises
        facts = [kit.Fact(_("Address"), place.address), kit.Fact(_("District"), place.district)]
        if place.estate is not None:
            facts.append(kit.Fact(_("Estate"), place.estate.name,
                                  href=shown.estate_url(place.estate.code)))  # fmt: skip
            specialist = queries.specialist_of(place.estate.code)
            if specialist is not None:
                facts.append(kit.Fact(_("Specialist"), specialist.name, note=specialist.phone))
        if place.connection_code:
            facts.append(kit.Fact(_("Connection code"), place.connection_code,
                                  href=reverse("network:connection",
                                               args=[place.connection_code])))  # fmt: skip
        return facts

    def _account(self, obj: Account) -> list[kit.Fact]:
        manager = obj.key_manager
        return [
            kit.Fact(_("Account number"), obj.code),
            kit.Fact(_("Tariff group"), obj.tariff),
            kit.Fact(_("Balance"), shown.owed(obj.balance_cents),
                     note=obj.balance_as_of and _("as of %(moment)s")
                     % {"moment": formats.moment(obj.balance_as_of)}),
            kit.Fact(_("Account opened"), obj.opened_date, format="day"),
            kit.Fact(_("Use of a year"), obj.use_m3_year, "m³", format=",.0f"),
            kit.Fact(_("Key-account manager"), manager.name if manager else None),
        ]  # fmt: skip

    def _meter(self, point: Any) -> list[kit.Fact]:
        return [
            kit.Fact(_("Meter number"), point.meter_number),
            kit.Fact(_("Size of the meter"), point.diameter_mm, "mm", format=".0f"),
            kit.Fact(_("Latest reading"), point.reading_m3, "m³", format=",.0f"),
            kit.Fact(_("Day of the reading"), point.reading_date, format="day"),
        ]

    def _care(self, care: Any) -> list[kit.Fact]:
        contact = queries.care_contract(care, masked=not self.in_full)
        return [
            kit.Fact(_("Reason"), words.REASONS[contracts.CareReason(care.reason)]),
            kit.Fact(_("Contact"), f"{contact.contact} {contact.contact_phone}".strip()),
            kit.Fact(_("Consent of"), care.consent_date, format="day"),
            kit.Fact(_("Consent given by"),
                     care.consent_by if self.in_full else rules.masked_consent(care.consent_by)),
            kit.Fact(_("Latest visit"), care.visited_at, format="moment",
                     note=_("Never cut off without a visit.")),
            kit.Fact(_("Note"), care.note),
        ]  # fmt: skip

    def slot_values(self, request: HttpRequest, obj: Account) -> Mapping[str, Any]:
        estate = obj.premises.estate
        return {"account_code": obj.code, "estate_code": estate.code if estate else ""}

    def context(self, request: HttpRequest, obj: Account) -> dict[str, Any]:
        place = obj.premises
        sees_map = permissions.holds(request.user, "network.read")
        spot = network.small_map_of(lon=place.lon, lat=place.lat) if sees_map else None
        return {"map_props": spot, "in_full": self.in_full, "visits": self._visits(obj)}

    def _visits(self, obj: Account) -> list[dict[str, Any]]:
        """Return the latest visits of the care in force; what was noted may tell of people."""
        rows = CareVisit.objects.filter(care__in=obj.care_now).select_related("by")  # type: ignore[attr-defined]
        return [
            {
                "at": one.visited_at,
                "by": one.by.name if one.by else "",
                "met": one.met,
                "note": one.note,
                "paid": None if one.paid_cents is None else formats.number(
                    one.paid_cents / 100, ",.2f"
                ),
            }
            for one in rows.order_by("-visited_at")[:VISITS_SHOWN]
        ]  # fmt: skip


class AccountInFull(AccountPage):
    """One account with personal data in full, after a reader asked for it; recorded."""

    permission = seeing.UNMASK
    in_full = True

    def respond(self) -> HttpResponse:
        """Record the reading, then show; a plain visit of the address shows nothing in full."""
        code = self.kwargs["code"]
        if self.request.method != "POST":
            return HttpResponseRedirect(shown.account_url(code))
        row = queries.account_rows().filter(code=code).first()
        if row is None:
            raise Http404
        if not seeing.sight_of(self.request.user).reaches(row):
            raise refusals.NotYourEstate(code)
        audit.record_read(self.request.user.pk, "customers.unmasked", f"customers.account:{code}")
        response = super().respond()
        response["Cache-Control"] = "no-store"
        return response
