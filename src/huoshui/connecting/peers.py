"""What connectors say of the other side when it does not do what was asked."""

from __future__ import annotations

import logging

from huoshui.connecting.feed import Feed


class PeerFailed(Exception):
    """The other side gave no usable answer; ``code`` is a word of the connector's manifest."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code, self.detail = code, detail


def tell_lost(feed: Feed, failed: PeerFailed, *, name: str, where: str) -> None:
    """Put a lost connection into the health report and into the log of the connector's process."""
    feed.health.problem(failed.code, where, failed.detail)
    feed.health.lost(failed.code)
    logging.getLogger(__name__).info("%s: %s %s", name, failed.code, failed.detail)
