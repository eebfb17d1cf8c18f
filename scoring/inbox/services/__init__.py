"""One module for each service: the fields it reads, the check of its signature, and who dealt with whom.

A service's module has

    SETUP: str                                        where the endpoint and the secret are entered, and what to ask for
    FIELDS: tuple[str, ...]                           what is read of a delivery, shown on the source's page
    def check(delivery, secrets) -> None              raises NotSigned
    def read(delivery) -> Told | Handshake            raises NotUnderstood
"""

from types import ModuleType

from scoring.inbox.services import activities, cloudevents, discourse, github, jira, slack, teams, zulip
from scoring.states import InboxService

MODULES: dict[str, ModuleType] = {
    InboxService.SLACK: slack,
    InboxService.GITHUB: github,
    InboxService.DISCOURSE: discourse,
    InboxService.TEAMS: teams,
    InboxService.JIRA: jira,
    InboxService.ZULIP: zulip,
    InboxService.CLOUDEVENTS: cloudevents,
    InboxService.ACTIVITIES: activities,
}
