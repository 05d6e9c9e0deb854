"""Value of customers: how recently, often and for how much they bought, and what may come of it."""
