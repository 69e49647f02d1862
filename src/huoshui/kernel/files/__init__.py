"""Files that people hand in: checked, stored under their hash, shown by permission."""

from huoshui.kernel.files.store import NotAPhoto, Photo, TooLarge, declare_kind, keep, read

__all__ = ["NotAPhoto", "Photo", "TooLarge", "declare_kind", "keep", "read"]
