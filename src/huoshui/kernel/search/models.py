"""No tables that Django knows of: the indexes are made by `keeping`, after every migration.

This module must be here all the same: Django tells only apps with models that it has migrated.
"""
