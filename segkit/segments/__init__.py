"""Say who is meant: the segment language, its checking, and its evaluation to members."""
