"""The queue between the network and the store: bounded in messages and in bytes.

When it is full the network thread waits. The socket is then no longer read, TCP stops the
broker, and the broker keeps what it has: back-pressure instead of growing memory.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came, and the session it came in."""

    topic: str
    payload: bytes
    message_id: int
    qos: int
    session: int
    again: bool


class Inbox:
    """A first-in first-out queue with two limits, for one reader and one writer."""

    def __init__(self, *, messages: int, size_bytes: int) -> None:
        self._limit_messages = messages
        self._limit_bytes = size_bytes
        self._waiting: deque[Arrival] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, arrival: Arrival) -> bool:
        """Add a message, waiting for room; False when the inbox was closed meanwhile."""
        with self._changed:
            # A message larger than the limit passes when it is alone, or it would never pass.
            self._changed.wait_for(
                lambda: (
                    self._closed
                    or not self._waiting
                    or (
                        len(self._waiting) < self._limit_messages
                        and self._bytes + len(arrival.payload) <= self._limit_bytes
                    )
                )
            )
            if self._closed:
                return False
            self._waiting.append(arrival)
            self._bytes += len(arrival.payload)
            self._changed.notify_all()
            return True

    def take(
        self, *, timeout_s: float, linger_s: float, messages: int, size_bytes: int
    ) -> list[Arrival]:
        """Take what is there, up to a limit, waiting a little for company.

        Waits ``timeout_s`` for the first message, then ``linger_s`` for more of them, so that
        many small messages share one durable commit.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, timeout_s)
            if not self._waiting:
                return []
            until = time.monotonic() + linger_s
            while len(self._waiting) < messages and self._bytes < size_bytes and not self._closed:
                left_s = until - time.monotonic()
                if left_s <= 0 or not self._changed.wait(left_s):
                    break
            taken: list[Arrival] = []
            taken_bytes = 0
            while self._waiting and len(taken) < messages:
                size = len(self._waiting[0].payload)
                if taken and taken_bytes + size > size_bytes:
                    break
                taken.append(self._waiting.popleft())
                taken_bytes += size
            self._bytes -= taken_bytes
            self._changed.notify_all()
            return taken

    def close(self) -> None:
        """Let nobody wait any longer; messages still in it are forgotten, never acknowledged."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._bytes = 0
            self._changed.notify_all()
