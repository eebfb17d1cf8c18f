"""Purposes, kinds of source, the choices a person can make, and the life of a proposal."""

from django.db.models import TextChoices


class PurposeKey(TextChoices):
    SCORING = "scoring", "Work out my score and show it to me"
    TEAM_FIGURES = "team_figures", "Count me in figures about groups"
    PERKS = "perks", "Let my score open perks to me"
    OWN_VIEW = "own_view", "See what is kept of oneself"
    SCORE_EXPLANATION = "score_explanation", "Explain a score to somebody whom its person names"
    DISPUTE_REVIEW = "dispute_review", "Answer a dispute"
    ACCESS_EXPORT = "access_export", "Hand a person their data"
    ERASURE = "erasure", "Erase a person"
    COMPLIANCE_REVIEW = "compliance_review", "Review compliance"
    LEGAL_HOLD = "legal_hold", "Keep evidence under a legal hold"


# What people are asked for when they take part. The rest needs no yes, or is asked for when it comes up.
OFFERED = (PurposeKey.SCORING, PurposeKey.TEAM_FIGURES, PurposeKey.PERKS)


class SourceKind(TextChoices):
    SLACK = "slack", "Slack"
    VIVA_ENGAGE = "viva_engage", "Viva Engage (Yammer)"
    TEAMS = "teams", "Microsoft Teams"
    MAIL = "mail", "Mailbox (mbox or maildir)"
    GIT = "git", "git log"
    CSV = "csv", "CSV file"


class ChoiceKind(TextChoices):
    TAKE_PART = "take_part", "take part"
    STAY_OUT = "stay_out", "stay out"
    WITHDRAW = "withdraw", "withdraw"
    REMOVED = "removed", "source removed"


class ExportState(TextChoices):
    MAKING = "making", "being made"
    READY = "ready", "ready"
    EXPIRED = "expired", "expired"
    GIVEN_UP = "given_up", "not made"


MOST_WEEKS_BACK = 26


class ObligationKind(TextChoices):
    ERASURE = "erasure", "Erasure"
    ACCESS_REQUEST = "access_request", "Access to one’s data"
    DISPUTE_ANSWER = "dispute_answer", "Answer to a dispute"
    HOLD_REVIEW = "hold_review", "Review of a legal hold"
    RETENTION_PURGE = "retention_purge", "Retention purge"
    COMPANY_CLOSURE = "company_closure", "Closing the company"


class Outcome(TextChoices):
    """How an obligation ended. Complete only if nothing was found left."""

    COMPLETE = "complete", "complete"
    HELD = "held", "complete but for a legal hold"
    INCOMPLETE = "incomplete", "incomplete"
    CANCELLED = "cancelled", "taken back"


class Standing(TextChoices):
    """How an obligation stands now; by the database's clock, never stored."""

    OVERDUE = "overdue", "overdue"
    DUE_SOON = "due_soon", "due soon"
    ON_TRACK = "on_track", "on track"
    DONE = "done", "done"


class ErasureState(TextChoices):
    ERASING = "erasing", "being erased"
    ERASED = "erased", "erased"


class ProposalKind(TextChoices):
    PURPOSE_VERSION = "purpose_version", "New wording of a purpose"
    APPROVAL_POLICY = "approval_policy", "Change of who decides"
    GRANT_ROLE = "grant_role", "Role for a person"
    PEOPLE_EXPORT = "people_export", "Export about people"
    LEGAL_HOLD = "legal_hold", "Legal hold"
    CLOSE_COMPANY = "close_company", "Closing the company"
    ACCEPT_REMAINDER = "accept_remainder", "Ending an erasure as incomplete"
    SCORING_MODEL = "scoring_model", "Scoring model"
    GO_LIVE = "go_live", "Switching scoring on"


class ProposalState(TextChoices):
    """What is stored. That a proposal is approved never is: it is counted anew whenever it matters."""

    OPEN = "open", "waiting for decisions"
    SENT_BACK = "sent_back", "sent back"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"
    SUPERSEDED = "superseded", "replaced by a newer version"
    EXPIRED = "expired", "expired"
    EXECUTED = "executed", "in effect"


PROPOSAL_MOVES: dict[ProposalState, frozenset[ProposalState]] = {
    ProposalState.OPEN: frozenset(set(ProposalState) - {ProposalState.OPEN}),
    ProposalState.SENT_BACK: frozenset({ProposalState.SUPERSEDED}),
    ProposalState.REJECTED: frozenset(),
    ProposalState.WITHDRAWN: frozenset(),
    ProposalState.SUPERSEDED: frozenset(),
    ProposalState.EXPIRED: frozenset(),
    ProposalState.EXECUTED: frozenset(),
}
APPROVED = "approved"  # how a proposal stands while enough approvals count; never stored


class Verb(TextChoices):
    APPROVE = "approve", "approved"
    SEND_BACK = "send_back", "sent back"
    REJECT = "reject", "rejected"
    WITHDRAW = "withdraw", "withdrew"
