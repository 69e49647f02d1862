"""Customers: the register of accounts."""
