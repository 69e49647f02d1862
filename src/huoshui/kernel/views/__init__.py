"""What a reader keeps of a list: saved views, their own and shared ones, and their columns."""
