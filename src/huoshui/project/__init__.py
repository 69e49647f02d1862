"""The Django project: the only place that sees everything."""
