"""The detail page: one thing, its facts in sections, its buttons, and what others add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from huoshui.kernel.pages import formats
from huoshui.kernel.pages.kit.columns import EMPTY, How
from huoshui.kernel.pages.kit.mounting import Mounted


@dataclass(frozen=True)
class Fact:
    """One labelled value; ``value`` may be HTML that is already safe, such as a badge."""

    label: Any
    value: Any
    unit: Any = ""
    _: KW_ONLY
    format: How = ""
    href: str = ""
    note: Any = ""

    @property
    def shown(self) -> SafeString:
        """The value as HTML, with its unit and its link."""
        is_html = isinstance(self.value, SafeString)
        words = self.value if is_html else formats.text(self.value, self.format)
        if words == formats.NOTHING or words == "":
            return EMPTY
        # What people wrote in lines is read in lines.
        body = conditional_escape(words if is_html else linebreaksbr(words))
        if self.href:
            body = format_html('<a href="{}">{}</a>', self.href, body)
        return format_html("{} <small>{}</small>", body, self.unit) if self.unit else body


@dataclass(frozen=True)
class Section:
    """A titled block of facts; plain tuples (label, value, unit) are accepted for facts."""

    title: Any
    facts: Sequence[Fact | tuple[Any, ...]]
    _: KW_ONLY
    is_wide: bool = False

    @property
    def items(self) -> list[Fact]:
        """The facts, all of the same type."""
        return [one if isinstance(one, Fact) else Fact(*one) for one in self.facts]


def facts_card(title: Any, facts: Sequence[Fact | tuple[Any, ...]]) -> SafeString:
    """Return a card of facts, for use in a slot or in a page of one's own."""
    return render_to_string("pages/kit/facts.html", {"section": Section(title, facts)})


class DetailPage(Mounted):
    """One thing by declaration; override `get_object`, `facts` and what else the page needs.

    ``slot`` names the slot at the foot of the page; `slot_values` gives what its fillings receive.
    """

    title: Any = ""
    permission: str = ""
    template: str = "pages/kit/detail.html"
    slot: str = ""

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the thing, or raise `Http404`."""
        raise NotImplementedError

    def heading(self, request: HttpRequest, obj: Any) -> Any:
        """Return the page's title."""
        return self.title or str(obj)

    def badges(self, request: HttpRequest, obj: Any) -> Sequence[SafeString]:
        """Return what stands beside the title, such as the state."""
        return ()

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[Section]:
        """Return the sections of facts."""
        return ()

    def actions(self, request: HttpRequest, obj: Any) -> Sequence[SafeString]:
        """Return the buttons of the page's head."""
        return ()

    def trail(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, str]]:
        """Return breadcrumbs as (label, address)."""
        return ()

    def slot_values(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        """Return what the fillings of ``slot`` receive."""
        return {}

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return more values for a template of one's own."""
        return {}

    def respond(self) -> HttpResponse:
        """Answer with the page."""
        request = self.request
        obj = self.get_object(request, **self.kwargs)
        context = {
            "page": self,
            "object": obj,
            "title": self.heading(request, obj),
            "badges": self.badges(request, obj),
            "sections": self.facts(request, obj),
            "buttons": self.actions(request, obj),
            "trail": self.trail(request, obj),
            "slot_html": self._slot(request, obj),
            **self.context(request, obj),
        }
        return render(request, self.template, context)

    def _slot(self, request: HttpRequest, obj: Any) -> SafeString | None:
        from huoshui.kernel import slots

        if not self.slot:
            return None
        return slots.render(self.slot, request, **self.slot_values(request, obj))
