"""The offer to take a deed back, shown for a while after it was done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

PREFIX = "undo:"


def undo(request: HttpRequest, label: Any, url: str) -> None:
    """Tell the reader what was done, with a button that posts to ``url`` and takes it back.

    ``url`` is a page of ours that asks for its own permission, like every write.
    """
    if not url.startswith("/") or url.startswith("//"):
        msg = f"taking back leads to a page of ours, not to {url!r}"
        raise ValueError(msg)
    messages.success(request, label, extra_tags=f"{PREFIX}{url}")


def undo_url(message: Any) -> str:
    """Return where a message's deed is taken back; empty where it cannot be."""
    tags = str(message.extra_tags or "")
    return tags.removeprefix(PREFIX) if tags.startswith(PREFIX) else ""
