"""Plans of a day's work: which team does which tasks in which order."""
