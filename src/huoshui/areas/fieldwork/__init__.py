"""Jobs in the street: who goes where, until when, what was found, who checked it."""
