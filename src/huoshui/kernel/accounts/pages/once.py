"""The page on which a secret is shown once; it is kept nowhere, not even in the browser's cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huoshui.kernel.pages import kit


def shown_once(
    request: HttpRequest,
    title: Any,
    section: kit.Section,
    trail: Sequence[tuple[Any, str]],
) -> HttpResponse:
    """Return a page of one wide card that no cache keeps."""
    context = {"title": title, "sections": [section], "trail": trail}
    response = render(request, "pages/kit/detail.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
