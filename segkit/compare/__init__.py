"""Set a segment against a baseline: shares, differences and lifts, each with its interval."""
