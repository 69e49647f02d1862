"""The list of key accounts: who should be visited next, and what is promised to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.customers import actions, key_accounts, visit_types
from huoshui.areas.customers.web import shown
from huoshui.kernel.pages import kit

STANDINGS = {
    "due": (_("Visit due"), "red"),
    "planned": (pgettext_lazy("visit", "Planned"), "blue"),
    "later": (pgettext_lazy("visit", "Later"), "secondary"),
}


class KeyAccounts(kit.ListPage):
    """All key accounts, those whose visit is due first."""

    title = _("Key accounts")
    permission = "customers.read"
    url_name = "customers:key_accounts"
    columns = (
        kit.Column("code", _("Account"), href=lambda row: shown.account_url(row["code"])),
        kit.Column("holder", _("Holder"), value=lambda row: shown.holder(row["account"].holder)),
        kit.Column("address", _("Address"), phone=False, optional=True),
        kit.Column("manager", _("Key-account manager")),
        kit.Column("use_m3_year", _("Use of a year"), unit="m³", format=",.0f"),
        kit.Column("raised", _("Cases in a year"), format="d", phone=False),
        kit.Column("visits", _("Visits this year"), format="d", phone=False, optional=True),
        kit.Column("visited_date", _("Latest visit"), format="day", phone=False),
        kit.Column("due_date", _("Next visit by"), format="day"),
        kit.Column("standing", _("State"), badge=STANDINGS),
        kit.Column("planned", _("Planned visit"), sort=False,
                   href=lambda row: shown.case_url(row["planned"])),
        kit.Column("promises", _("Open promises"), format="d", phone=False),
    )  # fmt: skip
    search = ("code", "address", "manager")
    search_hint = _("Account, address or manager")
    filters = (
        kit.ChoiceFilter("standing", _("State"),
                         choices=[(code, label) for code, (label, _c) in STANDINGS.items()]),
        kit.ChoiceFilter(
            "show", _("Show"),
            choices=(("promises", _("With open promises")), ("nobody", _("Without a manager"))),
            apply=lambda rows, wanted: [
                row for row in rows
                if (row["promises"] if wanted == "promises" else row["manager"] is None)
            ],
        ),
    )  # fmt: skip
    bulk = (
        kit.BulkAction(
            "plan", _("Plan visits"),
            lambda request, ids: actions.plan_visits(ids, by_id=request.user.pk),
            permission=f"{visit_types.KEY_VISIT}.open", icon="calendar",
        ),
    )  # fmt: skip
    default_sort = "due_date"
    empty = _("No key accounts yet: name a manager on the page of an account, or import its use.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        return key_accounts.rows()

    def row_css(self, row: Any) -> str:
        return "hs-row-alert" if row["standing"] == "due" else ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        visits = reverse("cases:list", args=[visit_types.KEY_VISIT])
        return (kit.link_button(_("Visits"), visits, icon="calendar"),)
