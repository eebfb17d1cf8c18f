"""What is counted: acts between colleagues and the two kinds of count that each one makes."""

from django.db.models import IntegerChoices, TextChoices


class Act(TextChoices):
    ANSWERED = "answered", "answered"
    REVIEWED = "reviewed", "reviewed the work of"
    MENTIONED = "mentioned", "mentioned"
    REACTED = "reacted", "reacted to"


class Kind(IntegerChoices):
    ANSWERED = 1, "people you answered"
    ANSWERED_BY = 2, "people who answered you"
    REVIEWED = 3, "people whose work you reviewed"
    REVIEWED_BY = 4, "people who reviewed your work"
    MENTIONED = 5, "people you mentioned"
    MENTIONED_BY = 6, "people who mentioned you"
    REACTED = 7, "people you reacted to"
    REACTED_BY = 8, "people who reacted to yours"


# What somebody can do alone, whether or not anybody answers.
OWN_ACTS = (Kind.ANSWERED, Kind.REVIEWED, Kind.MENTIONED, Kind.REACTED)


class InboxService(TextChoices):
    SLACK = "slack", "Slack Events"
    GITHUB = "github", "GitHub"
    DISCOURSE = "discourse", "Discourse"
    TEAMS = "teams", "Teams or Viva Engage change notifications"
    JIRA = "jira", "Jira"
    ZULIP = "zulip", "Zulip"
    CLOUDEVENTS = "cloudevents", "CloudEvents"
    ACTIVITIES = "activities", "ActivityStreams 2.0"


class Preparation(TextChoices):
    NOTICE = "notice", "Notice to everybody"
    CONSULTATION = "consultation", "Consultation of the representatives"
    LAWFUL_BASIS = "lawful_basis", "Assessment of the lawful basis"
    OVERSEER = "overseer", "Who oversees it"


class RunScope(TextChoices):
    FULL = "full", "everyone"
    CHANGED = "changed", "those whose counts changed"


class DisputeOutcome(TextChoices):
    UPHELD = "upheld", "you are right"
    DISMISSED = "dismissed", "it stays as it is"


class ImportState(TextChoices):
    UPLOADED = "uploaded", "waits for its mapping"
    READY = "ready", "waits for a worker"
    READING = "reading", "being read"
    DONE = "done", "read"
    FAILED = "failed", "refused"
    CANCELLED = "cancelled", "cancelled"


class Drift(TextChoices):
    """What of a run may lie beyond the bounds."""

    STABILITY = "stability", "the spread of scores"
    WITHOUT = "without", "the share without enough to go by"
    VOLUMES = "volumes", "what a source brings"


IMPORT_MOVES: dict[ImportState, frozenset[ImportState]] = {
    ImportState.UPLOADED: frozenset({ImportState.READY, ImportState.CANCELLED}),
    ImportState.READY: frozenset({ImportState.READING, ImportState.CANCELLED, ImportState.FAILED}),
    ImportState.READING: frozenset({ImportState.READY, ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED}),
    ImportState.DONE: frozenset(),
    ImportState.FAILED: frozenset(),
    ImportState.CANCELLED: frozenset(),
}
