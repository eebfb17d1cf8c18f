"""A person is gone: with the commit from every read, and then from everywhere."""

from accounts.models import Person
from consent.audit.models import Entry
from consent.models import Erasure, Obligation


def test_erased_person_is_nowhere(ada, ask, run_eraser):
    asked = ask(ada)
    job = run_eraser()
    erasure = Erasure.objects.get()
    assert (job.state, job.message, erasure.found, erasure.state) == ("done", "", {}, "erased")
    assert (erasure.email, erasure.name, erasure.letter) == ("", "", "")
    assert not Person.objects.filter(pk=ada.pk).exists()
    obligation = Obligation.objects.get(pk=asked.erasure.obligation_id)
    assert (obligation.outcome, obligation.done_by) == ("complete", None)
    entry = Entry.objects.get(pk=erasure.entry)
    assert entry.payload["rows_before"]["scoring_weekcount"] == 1
    assert not {"scoring_weekcount", "accounts_person"} & set(entry.payload["rows_after"])
