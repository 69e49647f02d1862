"""The three families of things that go wrong, free of any framework.

*Refused*: we understood and will not; a person can act.  *Unavailable*: try later, and we say
when.  Everything else is *broken*: our fault, logged with a reference that the reader can quote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["HuoshuiError", "Refused", "Unavailable"]


class HuoshuiError(Exception):
    """An answer we give on purpose, with a code for programs and a sentence for people.

    ``message`` and ``next_step`` may be lazy translations; they become text when shown, so that
    each reader gets their own language.
    """

    status = 500

    def __init__(
        self,
        code: str,
        message: Any,
        *,
        status: int | None = None,
        data: Mapping[str, Any] | None = None,
        next_step: Any = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.data: dict[str, Any] = dict(data or {})
        self.next_step = next_step
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        step = f" {self.next_step}" if self.next_step else ""
        return f"{self.code}: {self.message}{step}"

    def as_json(self) -> dict[str, Any]:
        """Return what a program receives: code, message, data, next step."""
        return {
            "code": self.code,
            "message": str(self.message),
            "data": self.data,
            "next_step": str(self.next_step),
        }


class Refused(HuoshuiError):
    """We understood the request and will not do it; the reader can change something."""

    status = 409


class Unavailable(HuoshuiError):
    """We cannot do it now; asking again after ``retry_after_s`` seconds makes sense."""

    status = 503

    def __init__(
        self,
        code: str,
        message: Any,
        *,
        retry_after_s: int = 30,
        data: Mapping[str, Any] | None = None,
        next_step: Any = "",
    ) -> None:
        super().__init__(code, message, data=data, next_step=next_step)
        self.retry_after_s = retry_after_s
