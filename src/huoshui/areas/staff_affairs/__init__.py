"""What concerns the people who work here."""
