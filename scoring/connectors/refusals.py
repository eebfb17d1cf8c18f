"""Why a file, or a row of it, is refused."""

from accounts.errors import DomainError


class FileRefused(DomainError):
    """The file cannot be read. The text says what is wrong, where, and what to do."""

    status = 422


class RowRefused(Exception):
    """One row cannot be read. The text says why, without a word of what the row says."""
