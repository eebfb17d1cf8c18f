"""Roles, permissions, invitations and jobs: their names and the moves between them."""

from enum import StrEnum

from django.db.models import TextChoices


class Role(TextChoices):
    AUTHOR = "author", "Campaign author"
    APPROVER = "approver", "Approver"
    STEWARD = "steward", "Steward"
    OFFICER = "officer", "Compliance officer"
    OWNER = "owner", "Owner"
    OPERATOR = "operator", "Platform operator"


class Permission(StrEnum):
    """What can be done at all. The value is the sentence that pages show."""

    SEE_ACCOUNT = "See one’s own account and roles, change the password, sign out"
    TAKE_PART = "Take part or stay out, see one’s own score and what it is made of, leave"
    READ_MODEL = "Read how the score is worked out"
    MANAGE_SOURCES = "Set up sources, bring in files and read the receipts"
    RUN_SCORING = "Have scores worked out now"
    MANAGE_MODELS = "Draft models of the score, propose them, and read their cards"
    SWITCH_OFF = "Prepare scoring, propose to switch it on, and switch it off"
    ANSWER_DISPUTES = "Answer what people say is wrong with their numbers"
    DRAFT_CAMPAIGNS = "Draft and seal perk campaigns"
    DECIDE = "Approve, send back or reject what others sealed"
    SEE_PROPOSALS = "See what was proposed, who can decide on it, and what was decided"
    PROPOSE_PURPOSES = "Propose new wordings of purposes"
    PROPOSE_POLICIES = "Propose who decides, and how many"
    EXPORT_PEOPLE = "Propose an export about people"
    ERASE_PEOPLE = "Erase somebody who asked for it by letter, and say who outside holds data"
    SEE_DEADLINES = "See what is due by when, and answer for it"
    MANAGE_HOLDS = "Propose, review and lift legal holds, and read under them"
    READ_LEDGER = "Read, search and export the ledger"
    NAME_PEOPLE = "See who stands behind an opaque id in the ledger, on record"
    MANAGE_WITNESSES = "Name who witnesses the ledger from outside, and resolve their alarms"
    READ_RECORD = "Read and download the record of processing"
    SEE_FIGURES = "See figures about teams of five people or more"
    MANAGE_PEOPLE = "Invite people, give and take roles, keep the teams"
    CLOSE_COMPANY = "Propose to close the company for good"
    MANAGE_COMPANIES = "Make and suspend companies"
    SEE_HEALTH = "See the health of the platform"


class InvitationState(TextChoices):
    OPEN = "open", "waiting"
    ACCEPTED = "accepted", "accepted"
    WITHDRAWN = "withdrawn", "withdrawn"


class JobState(TextChoices):
    QUEUED = "queued", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


JOB_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
    JobState.RUNNING: frozenset({JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
JOB_OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
