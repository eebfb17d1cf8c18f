"""How database roles are named."""


def tenant_role(database: str, schema: str) -> str:
    """Name the role that may touch only `schema`; roles are shared by a whole cluster, hence the prefix."""
    return f"{database}__{schema}"


def engine_role(database: str) -> str:
    """Name the role that works on everybody's rows, inside functions alone: nobody can log in as it."""
    return f"{database}_engine"
