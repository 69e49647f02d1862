"""What is true of accounts because we say so."""

from __future__ import annotations

import re

CODE_LENGTH_MAX = 40
CODE = re.compile(r"[A-Za-z0-9_-]+")


def is_code(text: str) -> bool:
    """Say whether ``text`` can be the code of a account."""
    return len(text) <= CODE_LENGTH_MAX and CODE.fullmatch(text) is not None
