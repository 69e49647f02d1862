"""Announcements: the register of announcements."""
