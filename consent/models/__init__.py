from consent.models.approval import ApprovalPolicy, Decision, Editor, Execution, Founding, Proposal, Reminder
from consent.models.data_use import DataUse, DataUsePerson
from consent.models.grant import Choice, Grant, OpenGrant, Participation, Withdrawal
from consent.models.ledger import LedgerExport, SavedSearch
from consent.models.purpose import PurposeVersion
from consent.models.source import Source

__all__ = [
    "ApprovalPolicy",
    "Choice",
    "DataUse",
    "DataUsePerson",
    "Decision",
    "Editor",
    "Execution",
    "Founding",
    "Grant",
    "LedgerExport",
    "OpenGrant",
    "Participation",
    "Proposal",
    "PurposeVersion",
    "Reminder",
    "SavedSearch",
    "Source",
    "Withdrawal",
]
