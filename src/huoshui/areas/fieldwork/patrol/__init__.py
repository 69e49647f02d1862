"""Patrols: rounds along pipes and what their walks covered, sites near pipes, findings."""
