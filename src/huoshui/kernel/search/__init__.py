"""Find words inside the text of large tables, in milliseconds, on SQLite and on PostgreSQL.

An area declares from ``AppConfig.ready`` which columns of a table are searched, and gives the index
to its list page. The index is made and mended after every migration::

    ASSETS = search.Index("network_asset", ("code", "name"))
    search.declare(ASSETS)
    search_index = ASSETS          # in the list page
"""

from huoshui.kernel.search.index import Index
from huoshui.kernel.search.keeping import declare, declared, ensure, rebuild, without_triggers

__all__ = ["Index", "declare", "declared", "ensure", "rebuild", "without_triggers"]
