"""Files that people hand in: checked, stored under their hash, shown by permission."""

from huoshui.kernel.files.store import declare_kind, keep

__all__ = ["declare_kind", "keep"]
