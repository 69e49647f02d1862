"""Files that people hand in: checked, stored under their hash, shown by permission."""

from huoshui.kernel.files.store import Photo, declare_kind, keep, read

__all__ = ["Photo", "declare_kind", "keep", "read"]
