"""Looking at pages from a test that stands in a company: each response leaves the test where it stood."""

import pytest

from accounts.tenants.context import current_schema, in_schema


@pytest.fixture
def client_for(client_for):
    """The browser of tests/conftest.py, after whose requests the test still stands in its company."""

    def make(person=None, schema: str = "acme"):
        client = client_for(person, schema)
        request = client.request

        def request_and_return(**kwargs):
            with in_schema(current_schema()):
                return request(**kwargs)

        client.request = request_and_return
        return client

    return make


def plain(page) -> str:
    """The page's words and tags with single spaces, its entities as people read them."""
    return " ".join(page.content.decode().replace("&#x27;", "'").split())
