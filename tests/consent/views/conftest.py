from tests.browsing import client_for  # noqa: F401
