"""Each guard with an attack that it alone keeps off: the role, the attack, and what takes the guard away."""

from datetime import timedelta

from django.utils import timezone

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
OWED = "INSERT INTO consent_obligation (id, kind, reference, person) VALUES ('{{thing}}', '{kind}', 'D-GUARD', '{{person}}'); "
OWED_ERASURE, OWED_ANSWER = OWED.format(kind="erasure"), OWED.format(kind="dispute_answer")
EXTENSION = "INSERT INTO consent_extension (obligation_id, reason, extended_by) VALUES ('{{thing}}', 'x', '{by}')"
ON_RECORD = (
    "INSERT INTO audit_entry (at, event, by, payload) VALUES"
    " (now(), 'consent.deadline_extended', '{person}', jsonb_build_object('obligation', '{thing}')); "
)
DISPUTE = (
    "INSERT INTO scoring_dispute (id, person_id, obligation_id, kind, text, outcome, answer)"
    " VALUES ('{thing}', '{person}', '{thing}', 1, 'x', '', ''); "
)
TOMORROW = (timezone.now() + timedelta(days=1)).timetuple().tm_yday
SWITCH = (timezone.now() + timedelta(days=3)).timetuple().tm_yday
ZONE_OF_WARNINGS = f"AAA0BBB96,J{SWITCH}/12,J{(SWITCH + 29) % 365 + 1}/0"  # goes back a day before an erasure is due
ODD_ZONE = f"AAA0BBB96,J{TOMORROW}/0,J{TOMORROW + 1}/0"  # its summer time of four days begins tomorrow

OWN_FILE = (
    "INSERT INTO consent_accessexport (id, person_id, ordered_at, ordered_by, made_at, expires_at, rows, bytes, sha256)"
    " SELECT gen_random_uuid(), '{{person}}', now(), '{{person}}', now(), now() + interval '{days} days', 0, 0, repeat('0', 64)"
)

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
    "a stopped source takes no file in": (
        APP,
        "UPDATE consent_source SET stopped_at = now(), stopped_by = '{person}'; INSERT INTO scoring_import (id, source_id,"
        " state, uploaded_at, uploaded_by, size, sha256, options, read, kept, not_granted, private, malformed, left_out,"
        " counts_written, partial_weeks, faults) SELECT gen_random_uuid(), id, 'uploaded', now(), '{person}', 1, '',"
        " '{{}}', 0, 0, 0, 0, 0, 0, 0, '{{}}', '[]' FROM consent_source",
        "DROP TRIGGER scoring_import_source_runs ON scoring_import",
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
    "the app lowers no fence by hand": (
        APP, "UPDATE consent_fence SET raised_at = NULL", 'GRANT UPDATE ON consent_fence TO "{database}__acme"',
    ),
    "a file of everything about somebody is kept for a week": (
        APP, OWN_FILE.format(days=8), "ALTER TABLE consent_accessexport DROP CONSTRAINT access_export_kept_a_week",
    ),
    "a withdrawal ends the file in which its scores stand": (
        APP,
        OWN_FILE.format(days=7) + "; INSERT INTO consent_withdrawal (grant_id, choice_id, withdrawn_at)"
        " SELECT id, choice_id, now() FROM consent_grant WHERE person_id = '{person}';"
        " SELECT 1 / count(*) FROM consent_accessexport WHERE person_id = '{person}' AND expires_at > now()",
        "DROP TRIGGER consent_withdrawal_ends_files ON consent_withdrawal",
    ),
    "addresses are hashed for nobody": (
        APP, "SELECT consent_address_digest('ada@acme.example')", "consent_address_digest: pg_trigger_depth() = 0 -> false",
    ),
    "rows are counted only of whoever is being erased": (
        APP, "SELECT consent_rows_about('{person}')", "consent_rows_about: pg_trigger_depth() = 0 -> false",
    ),
    "pages are written anew only after an erasure": (
        APP, "SELECT consent_rewrite_storage('accounts_team')", "consent_rewrite_storage: ended_ago IS NULL -> false",
    ),
    # Article 5
    "deadlines are not written": (
        APP, OWED_ERASURE + "UPDATE consent_obligation SET due_at = due_at + interval '9 years'",
        'GRANT UPDATE ON consent_obligation TO "{database}__acme"',
    ),
    "deadlines are not asked for": (
        APP,
        "INSERT INTO consent_obligation (id, kind, reference, due_at) VALUES"
        " ('{thing}', 'erasure', 'D-GUARD', now() + interval '9 years');"
        " SELECT 1 / (due_at > now() + interval '1 year')::integer FROM consent_obligation",
        'consent_obligation_opens: NEW.due_at := "acme".consent_due(NEW.opened_at, policy.days, policy.in_working_days)'
        " -> NULL",
    ),
    "warnings are in UTC": (
        APP,
        f"SET LOCAL timezone = '{ZONE_OF_WARNINGS}'; " + OWED_ERASURE
        + "SELECT 1 / (due_at - soon_at > interval '2 days')::integer FROM consent_obligation",
        "consent_obligation_opens: SET \"TimeZone\" TO 'UTC' -> ",
    ),
    "feasts put no answer off": (
        APP,
        "INSERT INTO consent_holiday SELECT current_date + n, 'x' FROM generate_series(0, 999) n; " + OWED_ANSWER
        + "SELECT 1 / (due_at > now() + interval '1 year')::integer FROM consent_obligation",
        "consent_due: AND last < latest -> ",
    ),
    "an extension is on the record": (
        APP, OWED_ERASURE + EXTENSION.format(by="{officer}"),
        "consent_deadline_moves: THEN 'extension_on_record' -> THEN NULL",
    ),
    "an officer extends": (
        APP, OWED_ERASURE + ON_RECORD + EXTENSION.format(by="{person}"),
        "consent_deadline_moves: THEN 'extension_by_officer' -> THEN NULL",
    ),
    "an erasure ends with evidence": (
        APP, OWED_ERASURE + "UPDATE consent_obligation SET done_at = now(), outcome = 'complete'",
        'consent_obligation_ends: NOT "acme".consent_erasure_may_end(OLD.id, NEW.outcome) -> false',
    ),
    "a promised answer is given": (
        APP, OWED_ANSWER + "UPDATE consent_obligation SET done_at = now(), outcome = 'complete'",
        "DROP TRIGGER scoring_answer_is_given ON consent_obligation",
    ),
    "nobody answers themself": (
        ENGINE,
        OWED_ANSWER + DISPUTE
        + RECEIPT.format(opened="clock_timestamp()", xid=XID)
        .replace("(id, purpose_version_id, ", "(id, by, purpose_version_id, ")
        .replace("SELECT gen_random_uuid(), id", "SELECT gen_random_uuid(), '{person}', id")
        .replace("'own_view'", "'dispute_review'")
        + '; SET LOCAL ROLE "{database}__acme"; SELECT scoring_answer_dispute(\'{thing}\', \'dismissed\', \'x\')',
        "scoring_unconcerned_reader: reader = said.person_id -> false",
    ),
    "the machine stands still": (
        ENGINE,
        OWED_ERASURE
        + "UPDATE consent_obligation SET opened_at = now() - interval '9 days', promised_at = now() - interval '1 minute',"
        " due_at = now() - interval '1 minute'; INSERT INTO scoring_run"
        " (model_id, scope, week, started_at, finished_at, people)"
        " SELECT id, 'full', '2026-11-16', now(), now(), 1 FROM scoring_modelversion WHERE is_current",
        "DROP TRIGGER scoring_run_stands_still ON scoring_run",
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
