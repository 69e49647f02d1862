"""The page of the checks of one asset: what was found when, and how its figures went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork.checks import queries, words
from huoshui.areas.fieldwork.checks.web.history import result
from huoshui.areas.fieldwork.checks.web.rounds import READ, check_url, round_url, trail_to_rounds
from huoshui.areas.fieldwork.web import labels
from huoshui.areas.network import facade as network
from huoshui.kernel.pages import kit

SHOWN = 30


def chart(trend: queries.Trend) -> dict[str, Any]:
    """Return what the island ``fieldwork/check-trend`` draws."""
    return {
        "unit": trend.unit, "low": trend.low, "high": trend.high,
        "points": [[at.isoformat(), value, wrong] for at, value, wrong in trend.points],
    }  # fmt: skip


class OfAsset(kit.DetailPage):
    """The checks of one asset."""

    permission = READ
    template = "fieldwork/check_asset.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the asset, or answer that there is none."""
        found = network.asset(kwargs["code"])
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest, obj: Any) -> str:
        """Return number and name."""
        return f"{obj.code} {obj.name}".strip()

    def badges(self, request: HttpRequest, obj: Any) -> Sequence[SafeString]:
        """Say what kind of asset it is."""
        return (kit.badge(words.ASSET_KINDS.get(obj.kind, obj.kind), "secondary"),)

    def trail(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return trail_to_rounds()

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[kit.Section]:
        """Say which rounds look at it, and how its latest check was."""
        latest = queries.latest_of([obj.code]).get(obj.code)
        found = [kit.Fact(_("Asset"), obj.code, href=labels.asset_url(obj.code))]
        found += [
            kit.Fact(pgettext_lazy("equipment", "Round"), one.shown_name, href=round_url(one.code))
            for one in queries.rounds_at(obj.code)
        ]
        if latest:
            found.append(kit.Fact(pgettext_lazy("check", "Checked at"), latest.checked_at,
                                  format="moment", href=check_url(latest.pk)))  # fmt: skip
            if latest.wrong:
                found.append(kit.Fact(pgettext_lazy("check", "Not in order"),
                                      words.wrong_words(latest.answers)))  # fmt: skip
        return (kit.Section(pgettext_lazy("equipment", "Checks"), found),)

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Add the trends and the latest checks."""
        rows = queries.checks().filter(asset_code=obj.code)[:SHOWN]
        return {
            "trends": [
                {"name": words.named(one.zh, one.en), "chart": chart(one),
                 "limits": words.limits({"low": one.low, "high": one.high, "unit": one.unit})}
                for one in queries.trends(obj.code)
            ],
            "checks": [
                {"url": check_url(one.pk), "at": one.checked_at, "by": one.by,
                 "badge": words.VERDICTS[result(one)], "wrong": words.wrong_words(one.answers)}
                for one in rows
            ],
        }  # fmt: skip
