"""`make bench`: ours beside a named peer in the same run."""
