"""Buttons that do something: a form of their own, safe against forgery, asking first if told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.pages.kit import sending
from huoshui.kernel.pages.templatetags.huoshui import icon as draw_icon


def action_button(
    request: HttpRequest,
    label: Any,
    url: str,
    *,
    confirm: Any = "",
    colour: str = "primary",
    icon: str = "",
    values: Mapping[str, Any] | None = None,
    once: bool = False,
) -> SafeString:
    """Return a button that posts ``values`` to ``url``; with ``confirm`` it asks that first.

    ``once`` gives it the key that a view marked with `kit.once` knows it by.
    """
    hidden = format_html_join(
        "", '<input type="hidden" name="{}" value="{}">', (values or {}).items()
    )
    return format_html(
        '<form method="post" action="{}" class="hs-action" data-confirm="{}">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">{}'
        '<button class="btn btn-{}">{}{}</button></form>',
        url,
        confirm,
        get_token(request),
        format_html("{}{}", hidden, sending.key_field() if once else ""),
        colour,
        draw_icon(icon) if icon else "",
        label,
    )


def copyable(text: str) -> SafeString:
    """Return a text that people carry elsewhere, whole, with a button that copies it."""
    return format_html(
        '<span class="hs-copy"><code>{}</code>'
        '<button type="button" class="btn btn-sm" data-copy="{}">{}{}</button></span>',
        text,
        text,
        draw_icon("copy"),
        _("Copy"),
    )


def link_button(label: Any, url: str, *, colour: str = "", icon: str = "") -> SafeString:
    """Return a link that looks like a button, for going to a page."""
    return format_html(
        '<a class="btn {}" href="{}">{}{}</a>',
        f"btn-{colour}" if colour else "",
        url,
        draw_icon(icon) if icon else "",
        label,
    )
