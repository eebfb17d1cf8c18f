"""Short references that people read out over the telephone."""

import secrets

# Without 0, O, 1, I and L.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_reference(prefix: str) -> str:
    """Make one: a letter for what it is about, and eight that nobody guesses."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(8))
