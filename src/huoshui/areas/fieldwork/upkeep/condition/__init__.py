"""Signs of wear: what is watched at machines, and what is suggested before a limit is reached."""
