from consent.models.access import AccessExport
from consent.models.approval import (
    ApprovalPolicy,
    Decision,
    Editor,
    Execution,
    Founding,
    MatterRule,
    Proposal,
    Reminder,
)
from consent.models.data_use import DataUse, DataUsePerson
from consent.models.erasure import Erasure, ErasureStep, Processor, Suppression, SuppressionKey
from consent.models.fence import Fence, JournalMark, Unjournaled
from consent.models.grant import Choice, Grant, OpenGrant, Participation, Withdrawal
from consent.models.hold import HeldRow, LegalHold
from consent.models.ledger import LedgerExport, SavedSearch
from consent.models.mapped_table import MappedTable
from consent.models.obligation import DeadlinePolicy, DigestSent, Extension, Holiday, Obligation
from consent.models.purpose import PurposeVersion
from consent.models.share import ScoreShare
from consent.models.source import Source

__all__ = [
    "AccessExport",
    "ApprovalPolicy",
    "Choice",
    "DataUse",
    "DataUsePerson",
    "DeadlinePolicy",
    "Decision",
    "DigestSent",
    "Editor",
    "Erasure",
    "ErasureStep",
    "Execution",
    "Extension",
    "Fence",
    "Founding",
    "Grant",
    "HeldRow",
    "Holiday",
    "JournalMark",
    "LedgerExport",
    "LegalHold",
    "MappedTable",
    "MatterRule",
    "Obligation",
    "OpenGrant",
    "Participation",
    "Processor",
    "Proposal",
    "PurposeVersion",
    "Reminder",
    "SavedSearch",
    "ScoreShare",
    "Source",
    "Suppression",
    "SuppressionKey",
    "Unjournaled",
    "Withdrawal",
]
