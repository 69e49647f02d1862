"""Pure science: no framework, no database, SI inside."""
