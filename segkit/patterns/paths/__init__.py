"""What only order says: where users go next, which ways are surprising, in which orders they go."""
