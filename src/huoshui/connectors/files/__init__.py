"""Take in files that others drop into a folder."""
