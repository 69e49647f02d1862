"""One copy of everything an installation keeps, made while it runs, and put back elsewhere.

The home folder holds everything. Databases are copied by SQLite's own way, which sees one moment of
them; plain files are written once and never changed, so copying them later than what names them is
enough. An area whose stores need an order of their own says so with `first`::

    backup.first("historian/inbox/**", "historian/journal.sqlite")
    backup.declare_check("historian", lake_is_whole)
"""

from huoshui.kernel.backup.ordering import declare_check, first, left_out
from huoshui.kernel.backup.taking import Backup, latest, put_back, take, verify

__all__ = [
    "Backup",
    "declare_check",
    "first",
    "latest",
    "left_out",
    "put_back",
    "take",
    "verify",
]
