"""Tables of customers from outside: accounts, estates and grids."""
