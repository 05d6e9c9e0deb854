"""Facts about members: how many, how active, where from, what they look at, how they come back."""
