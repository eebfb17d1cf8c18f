from consent.models.data_use import DataUse, DataUsePerson
from consent.models.grant import Choice, Grant, OpenGrant, Participation, Withdrawal
from consent.models.ledger import LedgerExport, SavedSearch
from consent.models.purpose import PurposeVersion
from consent.models.source import Source

__all__ = [
    "Choice",
    "DataUse",
    "DataUsePerson",
    "Grant",
    "LedgerExport",
    "OpenGrant",
    "Participation",
    "PurposeVersion",
    "SavedSearch",
    "Source",
    "Withdrawal",
]
