"""Whatever the map says erasure takes is taken by exactly one step, and the account last."""

from collections import Counter

from django.conf import settings
from django.utils.module_loading import import_string

from consent.domain import erasers
from consent.domain.data_map import data_map
from scoring.domain import erasing

# Its rows name nobody by a column: sessions are ended by reading them.
BY_OTHER_MEANS = {"django_session"}


def test_every_table_that_erasure_touches_is_reached_once():
    reached = Counter((*erasing.TABLES, *erasers.USES, *erasers.CHOICES, *erasers.ACCOUNT))
    due = {kind.table for kind in data_map() if kind.on_erasure != "keep"} - BY_OTHER_MEANS
    assert reached == Counter(due)


def test_tables_reached_by_other_means_are_those_without_a_person():
    assert {kind.table for kind in data_map() if kind.on_erasure != "keep" and kind.about is None} == BY_OTHER_MEANS


def test_account_goes_after_all_that_refers_to_it():
    assert (settings.ERASERS[-1], erasers.ACCOUNT[-1]) == ("consent.domain.erasers.erase_account", "accounts_person")


def test_steps_are_there():
    assert all(map(callable, map(import_string, settings.ERASERS)))
