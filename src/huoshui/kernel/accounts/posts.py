"""The posts there are, code to name; the project names them, because they belong to its trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.utils.functional import SimpleLazyObject

ADMINISTRATOR = "administrator"

# Looked up when used: the kernel knows only the administrator, who may do everything.
POSTS = cast(Mapping[str, Any], SimpleLazyObject(lambda: settings.POSTS))
