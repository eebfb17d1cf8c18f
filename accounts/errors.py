"""The one family of errors that a person may see."""


class DomainError(Exception):
    """An act was refused. The text is a sentence: what happened, why, and what to do next."""

    status = 409
