"""The append-only, hash-chained trail of who did what to what.

`record` writes inside the caller's transaction: a deed that is undone leaves no record, and a deed
that is done cannot be without one.
"""

from huoshui.kernel.audit.trail import act_through, record, record_read
from huoshui.kernel.audit.words import (
    name_deed,
    name_details,
    name_subject,
    name_values,
    name_values_within,
)

__all__ = [
    "act_through",
    "name_deed",
    "name_details",
    "name_subject",
    "name_values",
    "name_values_within",
    "record",
    "record_read",
]
