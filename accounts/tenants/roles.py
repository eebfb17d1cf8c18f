"""How a company's database role is named."""


def tenant_role(database: str, schema: str) -> str:
    """Name the role that may touch only `schema`; roles are shared by a whole cluster, hence the prefix."""
    return f"{database}__{schema}"
