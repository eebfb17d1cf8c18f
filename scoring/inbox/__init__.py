"""Events that sources send by themselves: each is verified, read for who dealt with whom, and forgotten."""
