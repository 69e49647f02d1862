"""The app that a crew carries: what phones hand in, who was first, what both sides agree on."""
