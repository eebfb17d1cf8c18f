from consent.models.grant import Choice, Grant, OpenGrant, Participation, Withdrawal
from consent.models.purpose import PurposeVersion
from consent.models.source import Source

__all__ = ["Choice", "Grant", "OpenGrant", "Participation", "PurposeVersion", "Source", "Withdrawal"]
