"""Which columns of the great tables are searched by words; the kernel keeps the index."""

from __future__ import annotations

from huoshui.kernel import search

ASSETS = search.Index("network_asset", ("code", "name"), leading="sort_code")
CONNECTIONS = search.Index(
    "network_connection", ("code", "customer_code", "address"), leading="sort_code"
)
