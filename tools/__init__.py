"""Keep the repository in order: what developers and `make` run, never shipped."""
