import os

import psycopg
import pytest


@pytest.fixture
def db(committed):
    """Looks are put on record by another connection, which must see the people: what these tests write is committed."""


@pytest.fixture
def app_links():
    """Open further connections of the app, standing in a company; closed at the end."""
    opened = []

    def connect(schema: str) -> psycopg.Connection:
        link = psycopg.connect(os.environ["DATABASE_URL"])
        link.execute(f'SET search_path = "{schema}"; SET ROLE "{link.info.dbname}__{schema}"')
        link.commit()
        opened.append(link)
        return link

    yield connect
    for link in opened:
        link.close()
