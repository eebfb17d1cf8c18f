"""Why a file is refused as a whole."""

from accounts.errors import DomainError


class FileRefused(DomainError):
    """The file cannot be read. The text says what is wrong, where, and what to do."""

    status = 422
