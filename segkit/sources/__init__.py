"""Read raw files into canonical rows; one module a format, none knows about segments."""
