"""What the score is worth on real interaction data, beside two scores that it does not want to be."""
