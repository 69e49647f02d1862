"""Template tags of the house: islands, slots, icons, the frame and the formats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from huoshui.kernel import slots
from huoshui.kernel.pages import assets, formats, frame, menu

register = template.Library()


@register.simple_tag
def vite_head() -> SafeString:
    """Load the built style sheets and scripts, and the small script that sets the theme first."""
    styles, scripts = assets.entry_urls()
    return format_html(
        '<script src="{}"></script>{}{}',
        static("pages/theme.js"),
        format_html_join("", '<link rel="stylesheet" href="{}">', ((url,) for url in styles)),
        format_html_join("", '<script type="module" src="{}"></script>', ((u,) for u in scripts)),
    )


@register.simple_tag
def island(name: str, props: Any = None, height: str = "", css: str = "") -> SafeString:
    """Place an island: ``{% island "telemetry/trend-chart" props height="320px" %}``."""
    return format_html(
        '<div class="island {}" data-island="{}" data-props="{}" data-height="{}"></div>',
        css,
        name,
        json.dumps(props if props is not None else {}, cls=DjangoJSONEncoder, ensure_ascii=False),
        height,
    )


@register.simple_tag(takes_context=True)
def slot(context: Mapping[str, Any], name: str, **values: Any) -> SafeString:
    """Show what other areas put into a slot of this page."""
    return slots.render(name, context["request"], **values)


@register.simple_tag
def form_key() -> SafeString:
    """Give a form the key by which it is done once: for views marked with `kit.once`."""
    from huoshui.kernel.pages.kit import sending

    return sending.key_field()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon of the sprite; it says nothing to a screen reader."""
    return _icon(str(name), str(css), settings.STATIC_URL)


@lru_cache(maxsize=1024)
def _icon(name: str, css: str, static_url: str) -> SafeString:
    """Draw an icon once for all pages: each page shows some ninety."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css,
        static("pages/icons.svg"),
        name,
    )


@register.simple_tag
def icon_url() -> str:
    """The address of the product's own mark."""
    return static("pages/mark.svg")


@register.simple_tag(takes_context=True)
def csrf_headers(context: Mapping[str, Any]) -> str:
    """The header that fragments requested by a script send back."""
    return json.dumps({"X-CSRFToken": get_token(context["request"])})


@register.simple_tag(takes_context=True)
def frame_values(context: Mapping[str, Any]) -> frame.Frame:
    """Everything the frame shows around this page."""
    return frame.of(context["request"])


@register.simple_tag(takes_context=True)
def frame_menu(context: Mapping[str, Any]) -> SafeString:
    """The menu of this reader."""
    return menu.drawn(context["request"])


@register.simple_tag(takes_context=True)
def public_lines(context: Mapping[str, Any]) -> tuple[menu.ShownEntry, ...]:
    """The pages that anybody may open, for whoever is not signed in."""
    return menu.public_lines(context["request"])


@register.simple_tag
def dressed(form: Any) -> Any:
    """Give a form that was not made by the kit the look of our controls."""
    from huoshui.kernel.pages.kit.forms import dress

    dress(form)
    return form


@register.filter
def undo_url(message: Any) -> str:
    """Where the deed that a message tells of is taken back; empty where it cannot be."""
    from huoshui.kernel.pages.kit import undoing

    return undoing.undo_url(message)


@register.filter
def shown(value: Any, how: str = "") -> str:
    """Format a value: ``{{ flow_m3h|shown:".1f" }}``, ``{{ due_at|shown:"moment" }}``."""
    return formats.text(value, how)
