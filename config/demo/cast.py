"""Who plays in the demo: two companies with people of every role, and the platform's operator."""

from dataclasses import dataclass

from accounts.states import Role

COMPANIES = {"acme": "Acme", "globex": "Globex"}
PLATFORM = "platform"
PASSWORD = "two others decide"  # noqa: S105 - of everybody in the demo: an approval asks for it once more
TEAMS = ("Harbour", "Mill", "Orchard", "Quarry")
TAKES_PART_SHARE = 0.7  # of the colleagues; the rest were asked and stayed out, or not asked


@dataclass(frozen=True)
class Player:
    """One of the cast. `slug` is the last part of the one-click sign-in link."""

    slug: str
    name: str
    comes_for: str
    roles: tuple[Role, ...] = ()
    takes_part: bool = False


PLAYERS = (
    Player("employee", "Erin Ellis", "sees her score, why it is so, and leaves when she likes", takes_part=True),
    Player("newcomer", "Noah Nguyen", "has not been asked yet: lands on “You are not scored”"),
    Player("steward", "Stella Stone", "brings in files and reads the receipts", (Role.STEWARD,), takes_part=True),
    Player("owner", "Omar Osman", "invites people, gives and takes roles", (Role.OWNER,)),
    Player("officer", "Ottilie Olsen", "reads the ledger", (Role.OFFICER,)),
    Player("author", "Aiko Abe", "will draft perk campaigns", (Role.AUTHOR,), takes_part=True),
    Player("approver", "Piet Peters", "decides on what others proposed", (Role.APPROVER,)),
    Player("second-approver", "Paula Park", "is the other who decides: it takes two", (Role.APPROVER,)),
)
OPERATOR = Player("operator", "Olga Orlova", "makes and suspends companies", (Role.OPERATOR,))

FIRST_NAMES = (
    "Ada",
    "Ben",
    "Cleo",
    "Dara",
    "Emil",
    "Femi",
    "Gita",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaya",
    "Lior",
    "Mara",
    "Nils",
    "Oona",
    "Pavel",
    "Quinn",
    "Rosa",
    "Sami",
    "Tove",
    "Uma",
    "Viktor",
    "Wanda",
    "Xenia",
    "Yusuf",
    "Zoe",
    "Anton",
    "Bela",
    "Chidi",
    "Dina",
)
LAST_NAMES = ("Adler", "Brandt", "Castro", "Dogan", "Eriksen", "Fischer", "Gallo", "Haas", "Ivanova", "Jansen")


def colleagues() -> list[str]:
    """Thirty further names, the same in each company and at each start."""
    return [f"{first} {LAST_NAMES[i % len(LAST_NAMES)]}" for i, first in enumerate(FIRST_NAMES)]


def email_of(name: str, schema: str) -> str:
    return f"{name.lower().replace(' ', '.')}@{schema}.example"
