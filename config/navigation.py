"""The pages that a person may open, in the order in which they stand in the header."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from accounts.states import Permission

PAGES = (
    ("Home", "mine:home", Permission.TAKE_PART),
    ("My score", "mine:score", Permission.TAKE_PART),
    ("My weeks", "mine:weeks", Permission.TAKE_PART),
    ("What I agreed to", "mine:grants", Permission.TAKE_PART),
    ("My data", "mine:data", Permission.TAKE_PART),
    ("Who used my data", "mine:uses", Permission.TAKE_PART),
    ("The model", "mine:model", Permission.READ_MODEL),
    ("Sources", "manage:sources", Permission.MANAGE_SOURCES),
    ("Models", "manage:models", Permission.MANAGE_MODELS),
    ("Runs", "manage:runs", Permission.RUN_SCORING),
    ("On or off", "manage:live", Permission.SWITCH_OFF),
    ("Disputes", "manage:disputes", Permission.ANSWER_DISPUTES),
    ("Approvals", "manage:approvals", Permission.SEE_PROPOSALS),
    ("Team figures", "manage:figures", Permission.SEE_FIGURES),
    ("People", "manage:people", Permission.MANAGE_PEOPLE),
    ("Teams", "manage:teams", Permission.MANAGE_PEOPLE),
    ("Who can do what", "manage:permissions", Permission.MANAGE_PEOPLE),
    ("Deadlines", "compliance:deadlines", Permission.SEE_DEADLINES),
    ("Retention", "compliance:retention", Permission.SEE_DEADLINES),
    ("Legal holds", "compliance:holds", Permission.MANAGE_HOLDS),
    ("Ledger", "compliance:ledger", Permission.READ_LEDGER),
    ("Witnesses", "compliance:witnesses", Permission.MANAGE_WITNESSES),
    ("Record of processing", "compliance:record", Permission.READ_RECORD),
    ("Erase on a letter", "compliance:erase_person", Permission.ERASE_PEOPLE),
    ("Processors", "compliance:processors", Permission.ERASE_PEOPLE),
    ("Companies", "platform:companies", Permission.MANAGE_COMPANIES),
    ("Health", "platform:health", Permission.SEE_HEALTH),
)


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool


def navigation_for(path: str, permissions: frozenset[Permission]) -> list[Link]:
    """The links this person may follow, the current one marked: the longest address that `path` starts with."""
    links = [(label, url) for label, name, permission in PAGES if permission in permissions and (url := _address(name))]
    current = max((url for _, url in links if _leads_to(path, url)), key=len, default=None)
    return [Link(label, url, is_current=url == current) for label, url in links]


def _leads_to(path: str, url: str) -> bool:
    """Whether a page is the link's own or lies below it. A home has no pages below: everything would be."""
    return path == url or (path.startswith(url) and url.count("/") > 2)


def _address(name: str) -> str | None:
    """None for pages of the other house: the platform has no portal, a company no operators' pages."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
