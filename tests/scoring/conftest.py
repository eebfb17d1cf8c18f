import pytest


@pytest.fixture
def db(committed):
    """Looks are put on record by another connection, which must see the people: what these tests write is committed."""
