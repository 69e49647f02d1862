"""What listening to calls says of each agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.hotline import words
from huoshui.areas.hotline.queries import listening as queries
from huoshui.areas.hotline.web.listening import LISTEN
from huoshui.kernel.pages import kit


@dataclass(frozen=True)
class CallsOf(kit.PeriodFilter):
    """The days whose calls are counted; the counting itself keeps to them."""

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        return rows


PERIOD = CallsOf("began_at", _("When"))


def _sheets(row: dict[str, Any]) -> str | None:
    if not row["heard"]:
        return None
    return f"{reverse('hotline:listenings')}?{urlencode({'agent': row['pk']})}"


class ByAgent(kit.ListPage):
    """Each agent: how many calls were heard, the mean of each line of the sheet, what is open."""

    title = _("Listening by agent")
    permission = LISTEN
    url_name = "hotline:listening-agents"
    columns = (
        kit.Column("agent", _("Agent"), href=_sheets),
        kit.Column("answered", pgettext_lazy("hotline", "Answered"), format="d"),
        kit.Column("heard", _("Heard"), format="d"),
        kit.Column("share", _("Share heard"), format=".1f", unit="%", phone=False),
        kit.Column("mean", pgettext_lazy("listening", "Points"), format=".1f"),
        *(kit.Column(code, label, format=".1f", phone=False)
          for code, label in words.SCORES.items()),
        kit.Column("open", _("Open improvements"), format="d", phone=False),
        kit.Column("late", _("Of them late"), format="d"),
    )  # fmt: skip
    search = ("agent",)
    filters = (PERIOD,)
    default_sort = "mean"
    empty = _("Nobody took a call in these days.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the agents who took calls in the days that are asked for."""
        return queries.by_agent(*PERIOD.bounds(request.GET))

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Return the way back to the sheets."""
        return ((_("Listening to calls"), reverse("hotline:listenings")),)
