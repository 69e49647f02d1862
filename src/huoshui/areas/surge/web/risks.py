"""Pages of the lists of customers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.customers import facade as customers
from huoshui.areas.surge import contracts, models, queries, words
from huoshui.areas.surge.actions import listing
from huoshui.areas.surge.queries import snapshots
from huoshui.areas.surge.web import shown
from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

RISKS = "surge.risk_lists"
LISTS = _("Customers at risk")
OFF, HIDDEN = "off", "***"


def risks_url(code: str) -> str:
    """Return the customers of one list."""
    return f"{reverse('surge:risks')}?list={code}"


class RiskLists(kit.ListPage):
    """The lists of customers at risk."""

    title = LISTS
    permission = RISKS
    url_name = "surge:risk-lists"
    columns = (
        kit.Column("code", _("Number"), href=lambda row: risks_url(row.code)),
        kit.Column("name", _("Name"), href=lambda row: risks_url(row.code)),
        kit.Column("kind", pgettext_lazy("surge", "Kind"), badge=words.KINDS),
        kit.Column("total", _("Customers"), format="d"),
        kit.Column("told", _("Told in the last 30 days"), format="d"),
        kit.Column("changed_at", pgettext_lazy("surge", "Changed"), format="moment", phone=False),
    )
    search = ("code", "name")
    default_sort = "code"
    empty = _("No list yet: bring one in, or gather it from the register.")

    def rows(self, request: HttpRequest) -> Any:
        """Return all lists."""
        return queries.risk_lists()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer to bring one in, and to gather whom the register knows."""
        return (
            kit.link_button(
                gettext("Bring in from Excel"), reverse("intake:bring", args=["risk_list"]),
                icon="upload",
            ),
            kit.action_button(
                request, gettext("Gather from the register"), reverse("surge:gather-risks"),
                icon="database", confirm=gettext(
                    "Add all customers with an exposed meter or in special care to the list of "
                    "frost?"
                ),
            ),
        )  # fmt: skip


@permissions.needs(RISKS)
@require_POST
def gather_risks(request: HttpRequest) -> HttpResponse:
    """Add whom the register knows to be at risk of frost to the list of frost."""
    row = listing.gather_risks("frost", name=gettext("Frost"), by_id=request.user.pk)
    return HttpResponseRedirect(risks_url(row.code))


def _mark(how: contracts.WarnedHow) -> Any:
    def run(request: HttpRequest, ids: Sequence[int]) -> int:
        return sum(
            listing.mark_warned(code, accounts, how=how, by_id=request.user.pk)
            for code, accounts in _by_list(ids).items()
        )

    return run


def _take_off(request: HttpRequest, ids: Sequence[int]) -> int:
    return sum(
        listing.take_off(code, accounts, by_id=request.user.pk)
        for code, accounts in _by_list(ids).items()
    )


def _by_list(ids: Sequence[int]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = models.RiskEntry.objects.filter(pk__in=list(ids))
    for code, account in rows.values_list("risk_list__code", "account_code"):
        found.setdefault(code, []).append(account)
    return found


def _told_lately(rows: Any, wanted: str) -> Any:
    lately = Q(warned_at__gte=queries.told_lately_since())
    return rows.filter(lately) if wanted == "yes" else rows.exclude(lately)


class Risks(kit.ListPage):
    """The customers of risk lists, and who of them was told by a person of ours."""

    permission = RISKS
    url_name = "surge:risks"
    columns: Sequence[kit.Column] = (
        kit.Column("account_code", _("Account"),
                   href=lambda row: shown.page_of(f"account:{row.account_code}")),
        kit.Column("estate_code", _("Estate"), labels=snapshots.estate_names),
        kit.Column("reason", _("Reason"), labels=words.RISK_REASONS),
        kit.Column("warned_at", _("Last told"), format="moment"),
        kit.Column("warned_how", pgettext_lazy("surge", "How told"), labels=words.WARNED_HOW),
        kit.Column("warned_by", _("By whom"), sort="warned_by__name", phone=False),
        kit.Column("shown_note", _("Note"), phone=False, sort=False),
        kit.Column("taken_off_at", _("Taken off"), format="moment", optional=True, phone=False),
        kit.Column("taken_off_by", pgettext_lazy("surge", "Taken off by"), optional=True,
                   sort="taken_off_by__name", phone=False),
    )  # fmt: skip
    # Not by the note: it would tell of special care to who may not read of it.
    search = ("account_code",)
    filters = (
        kit.ChoiceFilter(
            "list", _("List of customers at risk"), field="risk_list__code",
            choices=lambda: list(models.RiskList.objects.values_list("code", "name")),
        ),
        kit.ChoiceFilter("reason", _("Reason"), choices=list(words.RISK_REASONS.items())),
        kit.ChoiceFilter(
            "told", _("Told in the last 30 days"),
            choices=(("yes", _("yes")), ("no", _("no"))), apply=_told_lately,
        ),
        kit.ChoiceFilter(
            "estate", _("Estate"), field="estate_code",
            choices=lambda: sorted(snapshots.estate_names().items(), key=lambda one: one[1]),
        ),
        kit.ChoiceFilter(
            "show", _("Show"), choices=((OFF, _("Taken off")),), apply=shown.as_it_is,
            unchosen=pgettext_lazy("customers at risk", "On the list"),
        ),
    )  # fmt: skip
    bulk = (
        *(
            kit.BulkAction(f"told_{how}", label, _mark(how), permission=RISKS, once=True)
            for how, label in (
                (contracts.WarnedHow.VISIT, _("Told at the door")),
                (contracts.WarnedHow.PHONE, _("Told by telephone")),
                (contracts.WarnedHow.GROUP, _("Told in the chat group")),
                (contracts.WarnedHow.PROPERTY, _("Told through the property manager")),
            )
        ),
        kit.BulkAction("take_off", _("Take off the list"), _take_off, permission=RISKS),
    )
    default_sort = "estate_code"
    empty = _("Nobody is on this list.")

    title = LISTS

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        if request.GET.get("show") == OFF:  # by whom and when, and nothing to be done with them
            self.columns = tuple(replace(one, optional=False) for one in self.columns)
            self.bulk = ()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the lists."""
        return ((LISTS, reverse("surge:risk-lists")),)

    def rows(self, request: HttpRequest) -> Any:
        """Return the customers of all lists, or those taken off; a filter names a list."""
        rows = models.RiskEntry.objects.select_related("warned_by", "taken_off_by", "risk_list")
        is_off = request.GET.get("show") == OFF
        rows = rows.filter(taken_off_at__isnull=False) if is_off else rows.listed()
        return _with_notes(request, rows)


def _with_notes(request: HttpRequest, rows: Any) -> Any:
    """Give rows the note as this reader may see it: of special care only who may see the person.

    That somebody saw such notes is recorded with each list.
    """
    notes = rows.filter(reason=contracts.RiskReason.SPECIAL_CARE).exclude(note="")
    estates = notes.order_by().values_list("estate_code", flat=True).distinct()
    seen = customers.seen_estates(request.user, estates)
    if seen:
        named = notes.filter(estate_code__in=seen).order_by()
        for code in named.values_list("risk_list__code", flat=True).distinct():
            audit.record_read(request.user.pk, "surge.risk_notes_read", f"surge.risk_list:{code}")
    hidden = Q(reason=contracts.RiskReason.SPECIAL_CARE) & ~Q(note="") & ~Q(estate_code__in=seen)
    return rows.annotate(shown_note=Case(When(hidden, then=Value(HIDDEN)), default=F("note")))
