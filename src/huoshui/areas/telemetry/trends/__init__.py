"""Trends: lines worked out while one looks, and remarks that people leave on them."""
