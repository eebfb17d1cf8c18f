"""Each attack fails because of the guard we think of: with that one guard taken away, the very same attack succeeds.

All in a transaction that is rolled back. A guard that nothing hangs on, or an attack that fails for another reason, shows.
"""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import RoleHeld
from accounts.tenants.context import in_schema
from consent.audit.domain.sealing import seal
from consent.domain.choices import Wish, take_part
from consent.models import OpenGrant, Proposal
from scoring.models import WeekCount
from tests import postgres
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import opened, two_approvers, wording
from tests.factories.consent import SourceFactory

APP, ENGINE = "{database}__acme", "{database}_engine"
LOOK = "SELECT count(*) FROM scoring_weekcount HAVING count(*) > 0"
OPEN_HERE = (
    "SELECT gate_open('own_view', '{person}', ARRAY['{person}'::uuid], 'x', pg_current_xact_id()::text::bigint, now())"
)
# A receipt of another transaction, or one from before this transaction began.
RECEIPT = (
    "INSERT INTO consent_datause (id, purpose_version_id, reason, opened_at, reading_xid, reader_may, tables, readable)"
    " SELECT gen_random_uuid(), id, 'x', {opened}, {xid}, true, tables, ARRAY['{{person}}'::uuid]"
    " FROM consent_purposeversion WHERE purpose = 'own_view' AND is_current"
)
XID = "pg_current_xact_id()::text::bigint"
COUNT_WITHOUT_GRANT = (
    "INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues)"
    " VALUES (gen_random_uuid(), 4711, 1, '2026-11-16', 3)"
)
SCORE = (
    (
        "WITH run AS (INSERT INTO scoring_run (model_id, scope, week, started_at, finished_at, people)"
        " SELECT id, 'full', '2026-11-16', now(), now(), 1 FROM scoring_modelversion WHERE is_current RETURNING id)"
        " INSERT INTO scoring_score (run_id, person_id, participation_id, value, kinds, points, colleagues)"
        " SELECT run.id, '{person}', p.id, 900, '{{{{1}}}}', '{{{{500}}}}', '{{{{2000000}}}}'"
        " FROM run, consent_participation p WHERE p.person_id = '{person}'"
    )
    .replace("{{{{", "{{")
    .replace("}}}}", "}}")
)

DECISION = (
    "INSERT INTO consent_decision (proposal_id, digest, person, verb, reason, authenticated_at)"
    " VALUES ('{{proposal}}', '{{digest}}', '{{approver}}', '{verb}', E'{reason}', now())"
)
PROPOSAL = (
    "INSERT INTO consent_proposal (id, kind, payload, digest, author) SELECT gen_random_uuid(), '{kind}', told,"
    " encode(sha256(convert_to(told, 'UTF8')), 'hex'), '{{person}}' FROM (SELECT '{payload}') AS payload (told)"
)
EXPORT = '{{"people":["{person}"],"reason":"","what":""}}'
POLICY = (
    '{{"approvals_needed":9,"decided_by":["approver"],"execution_hours":9,"expiry_hours":9,"target":"people_export",'
    '"version":2}}'
)
TOMORROW = (timezone.now() + timedelta(days=1)).timetuple().tm_yday
ODD_ZONE = f"AAA0BBB96,J{TOMORROW}/0,J{TOMORROW + 1}/0"  # its summer time of four days begins tomorrow

GUARDS = {
    # Article 1
    "a count stands under a grant": (
        ENGINE, COUNT_WITHOUT_GRANT, "ALTER TABLE scoring_weekcount DROP CONSTRAINT week_count_under_open_grant",
    ),
    "the app writes no counts": (
        APP, COUNT_WITHOUT_GRANT,
        "ALTER TABLE scoring_weekcount DROP CONSTRAINT week_count_under_open_grant;"
        ' GRANT INSERT ON scoring_weekcount TO "{database}__acme"; ALTER TABLE scoring_weekcount DISABLE ROW LEVEL SECURITY',
    ),
    # Article 2
    "rows are gated": (APP, LOOK, "ALTER TABLE scoring_weekcount DISABLE ROW LEVEL SECURITY"),
    "the policy asks the gate": (APP, LOOK, "ALTER POLICY gate ON scoring_weekcount USING (true)"),
    "nobody steps into the engine": (
        APP, 'SET LOCAL ROLE "{database}_engine"; ' + LOOK, 'GRANT "{database}_engine" TO "{login}"',
    ),
    "a receipt is another transaction’s": (
        APP, f"{OPEN_HERE}; {LOOK}", "gate_open: reading_xid = pg_current_xact_id()::text::bigint -> false",
    ),
    "receipts are not written by hand": (
        APP, RECEIPT.format(opened="clock_timestamp()", xid=XID) + f"; {LOOK}",
        'GRANT INSERT, SELECT ON consent_datause TO "{database}__acme"',
    ),
    "a receipt is for this transaction alone": (
        ENGINE, RECEIPT.format(opened="clock_timestamp()", xid="1") + '; SET LOCAL ROLE "{database}__acme"; ' + LOOK,
        "gate_people: u.reading_xid = pg_current_xact_id_if_assigned()::text::bigint -> true",
    ),
    "a receipt from before a restore is void": (
        ENGINE, RECEIPT.format(opened="now() - interval '1 day'", xid=XID) + '; SET LOCAL ROLE "{database}__acme"; ' + LOOK,
        "gate_people: u.opened_at >= transaction_timestamp() -> true",
    ),
    # Article 3
    "entries are not changed": (APP, "UPDATE audit_entry SET event = 'x'", 'GRANT UPDATE ON audit_entry TO "{database}__acme"'),
    "entries are not dropped": (APP, "DELETE FROM audit_entry", 'GRANT DELETE ON audit_entry TO "{database}__acme"'),
    "entries do not hide below the floor": (
        APP, "INSERT INTO audit_entry (at, event, payload, xid) VALUES (now(), 'x', '{{}}', 3)",
        'GRANT INSERT ON audit_entry TO "{database}__acme"',
    ),
    "checkpoints are not dropped": (
        APP, "DELETE FROM audit_checkpoint", 'GRANT DELETE ON audit_checkpoint TO "{database}__acme"',
    ),
    # Article 4
    "addresses are hashed for nobody": (
        APP, "SELECT consent_address_digest('ada@acme.example')", "consent_address_digest: pg_trigger_depth() = 0 -> false",
    ),
    "rows are counted only of whoever is being erased": (
        APP, "SELECT consent_rows_about('{person}')", "consent_rows_about: pg_trigger_depth() = 0 -> false",
    ),
    "pages are written anew only after an erasure": (
        APP, "SELECT consent_rewrite_storage('accounts_team')", "consent_rewrite_storage: ended_ago IS NULL -> false",
    ),
    # Article 6
    "two others decide": (
        APP,
        "INSERT INTO consent_execution (proposal_id, executed_by, transaction)"
        f" VALUES ('{{proposal}}', '{{person}}', {XID})",
        "DROP TRIGGER consent_execution_is_due ON consent_execution",
    ),
    "authors do not decide": (
        APP,
        "INSERT INTO consent_decision (proposal_id, digest, person, verb, reason, authenticated_at)"
        " VALUES ('{proposal}', '{digest}', '{person}', 'approve', '', now())",
        "DROP TRIGGER consent_decision_is_made ON consent_decision",
    ),
    "a digest is that of its payload": (
        APP,
        "INSERT INTO consent_proposal (id, kind, payload, digest, author)"
        " VALUES (gen_random_uuid(), 'people_export', '{{\"people\":[\"{person}\"],\"reason\":\"\",\"what\":\"\"}}', 'x', '{person}')",
        "consent_proposal_opens: NEW.digest <> encode(sha256(convert_to(NEW.payload, 'UTF8')), 'hex') -> false",
    ),
    "what was decided is not written": (
        APP, "UPDATE consent_proposal SET state = 'withdrawn'", 'GRANT UPDATE ON consent_proposal TO "{database}__acme"',
    ),
    "three roles are given by two others": (
        APP, "INSERT INTO accounts_roleheld (person_id, role, given_at) VALUES ('{person}', 'approver', now())",
        "DROP TRIGGER consent_role_is_given ON accounts_roleheld",
    ),
    "verbs are four": (
        APP, DECISION.format(verb="Approve", reason="No."),
        "consent_decision_is_made: NEW.verb NOT IN ('approve', 'send_back', 'reject', 'withdraw') -> false",
    ),
    "a reason is more than space": (
        APP, DECISION.format(verb="reject", reason=r"\n"), r"consent_decision_is_made: NEW.reason !~ '\S' -> false",
    ),
    "nobody decides on an export about themself": (
        APP, PROPOSAL.format(kind="people_export", payload=EXPORT.replace("{person}", "{approver}")),
        'consent_deciders: NOT "acme".consent_is_exported(proposal_, p.id) -> true',
    ),
    "what is proposed is here": (
        APP, PROPOSAL.format(kind="grant_role", payload='{{"person":"{person}","role":"operator"}}'),
        'consent_proposal_opens: NOT "acme".consent_thing_exists(NEW.kind, told) -> false',
    ),
    "a policy can be met": (
        APP, PROPOSAL.format(kind="approval_policy", payload=POLICY), "consent_are_enough: >= needed -> > 0",
    ),
    "who edited is not written by hand": (
        APP, "INSERT INTO consent_editor (proposal_id, person) VALUES ('{proposal}', gen_random_uuid())",
        'GRANT INSERT ON consent_editor TO "{database}__acme"',
    ),
    "deadlines are in UTC": (
        APP,
        f"SET LOCAL timezone = '{ODD_ZONE}'; " + PROPOSAL.format(kind="people_export", payload=EXPORT)
        + "; SELECT 1 / (expires_at - opened_at > interval '73 hours')::integer FROM consent_proposal"
        " WHERE kind = 'people_export'",
        "consent_proposal_opens: SET \"TimeZone\" TO 'UTC' -> ",
    ),
    # Article 8
    "points add up to the score": (ENGINE, SCORE, "ALTER TABLE scoring_score DROP CONSTRAINT score_parts_add_up"),
    # Article 9
    "figures are of five people or more": (
        ENGINE,
        "WITH team AS (INSERT INTO accounts_team (id, name, made_at) VALUES (gen_random_uuid(), 'T', now()) RETURNING id)"
        " INSERT INTO scoring_teamfigure (team_id, week, median, at_least, counted, published_at)"
        " SELECT id, '2026-11-16', 50, 4, 4, now() FROM team",
        "ALTER TABLE scoring_teamfigure DROP CONSTRAINT team_figure_of_five",
    ),
    # Article 10
    "companies are strangers": (
        APP, "SELECT * FROM globex.audit_entry",
        'GRANT USAGE ON SCHEMA globex TO "{database}__acme"; GRANT SELECT ON globex.audit_entry TO "{database}__acme"',
    ),
}  # fmt: skip


@pytest.fixture
def ada(in_acme, now):
    """Takes part, and one number is kept of her."""
    person = PersonFactory()
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
    take_part(person, wish=wish, at=now)
    grant = OpenGrant.objects.get(person=person)
    everyones(WeekCount).create(person=person, grant=grant, kind=1, week="2026-11-16", colleagues=3)
    seal(at=now)
    two_approvers()
    opened("purpose_version", wording(), author=person)
    with in_schema("globex"):
        take_part(PersonFactory(), wish=Wish((scoring_wording().pk,), (SourceFactory().pk,), is_of_age=True), at=now)
    return person


@pytest.fixture
def server(ada):
    """The server's own administrator, in acme, who alone can take guards away; nothing of it is committed."""
    link = psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"])
    link.execute("SET search_path = acme")
    link.commit()
    yield link
    link.rollback()
    link.close()


def attempt(link, role: str, attack: str, names: dict[str, object]) -> int:
    """Attack as this role, which the app enters from its login; return how many rows it touched or saw."""
    if role == APP:
        link.execute('SET LOCAL SESSION AUTHORIZATION "{login}"'.format(**names))
    link.execute(f'SET LOCAL ROLE "{role.format(**names)}"')
    cursor = link.execute(attack.format(**names))
    while cursor.nextset():
        pass
    touched = cursor.rowcount
    link.execute("RESET ROLE; RESET SESSION AUTHORIZATION")
    return touched


def take_away(link, guard: str, names: dict[str, object]) -> None:
    """Run SQL, or `function: this -> that` for a condition inside of a function."""
    function, arrow, change = guard.partition(": ")
    if not arrow or " " in function:
        link.execute(guard.format(**names))
        return
    condition, _, instead = change.partition(" -> ")
    [(source,)] = link.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s AND pronamespace = 'acme'::regnamespace",
        [function],
    )
    assert condition in source
    link.execute(source.replace(condition, instead))


def proposal_of(author) -> dict[str, object]:
    proposal = Proposal.objects.get(author=author.pk)
    approver = RoleHeld.objects.filter(role="approver").first()
    return {"proposal": proposal.pk, "digest": proposal.digest, "approver": approver.person_id}


@pytest.mark.parametrize(("role", "attack", "guard"), GUARDS.values(), ids=GUARDS)
def test_attack_fails_with_its_guard_and_succeeds_without(server, ada, role, attack, guard):
    names = {"database": server.info.dbname, "login": settings.DATABASE_APP_ROLE, "person": ada.pk} | proposal_of(ada)
    with pytest.raises(psycopg.Error), server.transaction():
        attempt(server, role, attack, names)
    with server.transaction(force_rollback=True):
        take_away(server, guard, names)
        assert attempt(server, role, attack, names) > 0
    with pytest.raises(psycopg.Error), server.transaction():
        attempt(server, role, attack, names)
