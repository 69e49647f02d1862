"""What a patrol saw: how much of the pipes it walked along, and where trouble comes again."""
