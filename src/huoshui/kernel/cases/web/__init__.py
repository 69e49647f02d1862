"""What people see of cases, all of it read from their declarations."""
