"""What the ledger refuses. It calls nobody, so its errors are its own; views hand their sentence on."""


class LedgerError(ValueError):
    """An act was refused. The text is a sentence: what happened, why, and what to do next."""
