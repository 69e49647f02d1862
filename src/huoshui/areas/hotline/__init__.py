"""Hotline: calls, what they are about, who answers them, and what becomes of them."""
