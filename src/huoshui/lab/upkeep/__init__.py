"""When machines need looking after, and how long there is when one has stopped."""
