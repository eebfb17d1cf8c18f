"""What PostgreSQL refuses, said to a person. The rules stand in consent/sql/approvals.sql; here are only the words."""

from accounts.errors import DomainError


class NotProposed(DomainError):
    """The proposal itself was refused."""


class TooFewDeciders(NotProposed):
    """Fewer people can decide than must."""


class NotDecided(DomainError):
    """The decision was refused."""


class OwnProposal(NotDecided):
    """The person wrote or edited it, or it is about them."""


class StaleDigest(NotDecided):
    """What was shown is not what lies here."""


class NotFreshlyAuthenticated(NotDecided):
    """The last proof of who this is lies too far back."""


class NotInEffect(DomainError):
    """It does not take effect."""


class RoleNeedsApproval(DomainError):
    """The role is given by two others."""


_OVER = "It is not open any more: somebody decided, edited or withdrew it. Look at it again."

# The name of a constraint: the error and its sentence.
SENTENCES: dict[str, tuple[type[DomainError], str]] = {
    "proposal_kind_has_policy": (NotProposed, "No policy says who decides on this, so nobody can propose it."),
    "proposal_fields_known": (NotProposed, "It has a field too many or too few, so nobody could know what it means."),
    "proposal_about_something": (NotProposed, "It names something or somebody that is not here. Look it up again."),
    "proposal_leaves_deciders": (
        NotProposed,
        "Fewer people than that hold a role that could decide. Have more of them made first, or ask for fewer.",
    ),
    "proposal_by_active_person": (NotProposed, "Your account is closed, so you cannot propose anything."),
    "proposal_open_once_a_thing": (
        NotProposed,
        "Somebody proposed something about this already. Look at it under Approvals, and edit it or wait for its end.",
    ),
    "proposal_supersedes_open": (NotProposed, _OVER),
    "proposal_supersedes_id_key": (NotProposed, _OVER),
    "proposal_same_thing": (NotProposed, "A new version must be about the same thing. Make a proposal of its own."),
    "proposal_has_enough_deciders": (
        TooFewDeciders,
        "Too few others could decide on this. Have another approver made first: an owner can, under People.",
    ),
    "decision_verb_known": (NotDecided, "One approves, sends back, rejects or withdraws: there is nothing else."),
    "decision_on_open_proposal": (NotDecided, _OVER),
    "decision_on_digest_seen": (StaleDigest, "It was changed after this page was shown. Read it again, then decide."),
    "decision_withdraws_own": (NotDecided, "Only who wrote it, or whom it is about, can withdraw it."),
    "decision_by_another": (OwnProposal, "You had a hand in this, or it is about you. Two others decide."),
    "decision_by_decider": (NotDecided, "You hold no role that decides on this."),
    "decision_once": (NotDecided, "You have decided on this version. One person decides once."),
    "decision_has_reason": (NotDecided, "Say why: the author can mend only what they know of."),
    "decision_evidence_opened": (
        NotDecided,
        "Look first at what it would do: the link stands with the proposal. Whoever approves has opened that.",
    ),
    "decision_in_time": (NotDecided, "The time to approve it is over. Its author can propose it again."),
    "decision_freshly_authenticated": (
        NotFreshlyAuthenticated,
        "You proved more than five minutes ago that it is you. Give your password once more, then approve.",
    ),
    "decision_unhurried": (
        NotDecided,
        "You approved ten things within a minute. Wait a minute, and read the next one.",
    ),
    "execution_once": (NotInEffect, "It is in effect already."),
    "execution_of_open_proposal": (NotInEffect, _OVER),
    "execution_in_window": (NotInEffect, "The time for it to take effect is over. Propose it again."),
    "execution_is_approved": (
        NotInEffect,
        "Too few approvals count: each needs somebody who still holds their role. Look at its page again.",
    ),
    "execution_by_involved": (NotInEffect, "Only who wrote it, or who can decide on it, puts it into effect."),
    "execution_follows_current": (
        NotInEffect,
        "Another version came into force meanwhile, so what was approved fits no longer. Propose it anew.",
    ),
    "execution_leaves_deciders": (
        NotInEffect,
        "Meanwhile too few people hold a role that could decide. Have more of them made first.",
    ),
    "policy_needs_two": (NotInEffect, "Never fewer than two decide."),
    "role_held_once": (NotInEffect, "The person holds this role already."),
    "role_given_by_two_others": (
        RoleNeedsApproval,
        "Two others decide who gets this role. Propose it on the person’s page.",
    ),
}
