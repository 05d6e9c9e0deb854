"""Serve the reports of a workspace to people who read them in a browser."""
