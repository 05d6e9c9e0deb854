"""Draw facts on Axes that are given; imported only when a figure is wanted, as matplotlib is."""
