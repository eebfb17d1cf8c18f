"""The one family of errors that a person may see."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from django.db import DatabaseError, transaction

from accounts.states import Permission


@dataclass(frozen=True)
class Remedy:
    """The page where whoever has the permission can do something about it."""

    permission: Permission
    page: str
    label: str


class DomainError(Exception):
    """An act was refused. The text is a sentence: what happened, why, and what to do next."""

    status = 409
    title: ClassVar[str] = "This was not done"
    remedy: ClassVar[Remedy | None] = None


@contextmanager
def refused_as(words: Mapping[str, tuple[type[DomainError], str]]) -> Iterator[None]:
    """Stand in a transaction of its own, and say in words what PostgreSQL refuses there.

    :param words: by how the name of the constraint ends: the error, and its sentence
    :raises DomainError: the one that belongs to what was refused
    """
    try:
        with transaction.atomic():
            yield
    except DatabaseError as refusal:
        name = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", None) or ""
        for constraint, (error, sentence) in words.items():
            if name.endswith(constraint):
                raise error(sentence) from refusal
        raise
