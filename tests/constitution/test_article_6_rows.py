"""Article 6: what the app's own role cannot write, and what it claims in vain."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError
from django.utils import timezone

from consent.domain.canonical import canonical, digest_of
from consent.models import Proposal


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE consent_decision SET verb = 'approve'",
        "DELETE FROM consent_decision",
        "UPDATE consent_proposal SET state = 'executed'",
        "UPDATE consent_proposal SET expires_at = now() + interval '9 years'",
        "DELETE FROM consent_proposal",
        "DELETE FROM consent_editor",
        "INSERT INTO consent_editor (proposal_id, person) SELECT proposal_id, gen_random_uuid() FROM consent_editor",
        "UPDATE consent_editor SET person = gen_random_uuid()",
        "UPDATE consent_execution SET executed_by = gen_random_uuid()",
        "DELETE FROM consent_execution",
        "DELETE FROM consent_reminder",
        "UPDATE consent_approvalpolicy SET approvals_needed = 2",
        "DELETE FROM consent_approvalpolicy",
        "INSERT INTO consent_approvalpolicy SELECT * FROM consent_approvalpolicy",
        "UPDATE consent_founding SET founded_at = NULL",
        "DELETE FROM consent_founding",
        "TRUNCATE consent_decision",
        "INSERT INTO consent_purposeversion SELECT * FROM consent_purposeversion",
        "UPDATE consent_purposeversion SET is_current = true",
        "UPDATE accounts_roleheld SET role = 'approver'",
        "SET session_replication_role = replica",
        "ALTER TABLE accounts_roleheld DISABLE TRIGGER consent_role_is_given",
        "DROP TRIGGER consent_decision_is_made ON consent_decision",
        "CREATE OR REPLACE FUNCTION consent_is_approved(proposal_ uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ALTER FUNCTION consent_approvals(uuid) RENAME TO gone",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_app_role_cannot_rewrite_what_was_decided(proposal, run_sql, attack):
    with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
        run_sql(attack)


def test_what_the_app_claims_of_a_state_is_not_believed(approvers, author, run_sql):
    export = canonical({"people": [str(author.pk)], "reason": "", "what": ""})
    run_sql(
        "INSERT INTO consent_proposal (id, kind, payload, digest, author, state, version, opened_at, expires_at,"
        " execute_before, executed_at, thing) VALUES (gen_random_uuid(), 'people_export', %s, %s, %s, 'executed', 9,"
        " now() + interval '1 year', now() + interval '2 years', now() + interval '3 years', now(), 'another')",
        export,
        digest_of(export),
        author.pk,
    )
    claimed = Proposal.objects.with_standing().get()
    assert (claimed.standing, claimed.version, claimed.executed_at) == ("open", 1, None)
    assert claimed.opened_at <= timezone.now()
    assert claimed.execute_before == claimed.opened_at + timedelta(hours=96)
