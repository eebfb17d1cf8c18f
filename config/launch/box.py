"""The box that ends the start: addresses, and a one-click sign-in for each role."""

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from config.demo.cast import COMPANIES, OPERATOR, PLAYERS, Player


def show_box(*, port: int, server: str, folder) -> None:
    """Print where to look, in whole addresses: a terminal makes links of them."""
    console = Console(highlight=False)
    rows = [_company(name, f"http://{schema}.localhost:{port}/", PLAYERS) for schema, name in COMPANIES.items()]
    rows.append(_company("The platform", f"http://localhost:{port}/", (OPERATOR,)))
    notes = Text(f"\n{server}. Logs and data: {folder}\nCtrl-C stops everything; the data stays.", style="dim")
    console.print(Panel(Group(*rows, notes), title="Assent is running", border_style="green", expand=False))


def _company(name: str, address: str, players: tuple[Player, ...]) -> Table:
    table = Table(
        box=None,
        show_header=False,
        pad_edge=False,
        title=f"\n{name}  {address}",
        title_justify="left",
        title_style="bold",
    )
    for column in ("role", "address"):
        table.add_column(column, no_wrap=True, overflow="ignore")
    for player in players:
        table.add_row(player.slug, f"{address}demo/enter/{player.slug}/")
    return table
