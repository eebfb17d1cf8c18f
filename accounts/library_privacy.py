"""What the tables of libraries hold about people: sign-in, sessions, and Django's own. One class for each model."""

from datetime import timedelta


class _Nothing:
    """Says nothing about anybody."""

    holds = "Nothing about anybody."
    about = None
    personal: tuple[str, ...] = ()
    pseudonymous: tuple[str, ...] = ()
    keeps_for = None
    on_erasure = "keep"
    kept_because = "Says nothing about anybody."


class EmailAddress:
    holds = "An e-mail address, and whether it was verified."
    about = "user"
    personal = ("email", "verified", "primary")
    pseudonymous = ("user",)
    neutral = ("id",)
    keeps_for = None
    on_erasure = "delete"


class EmailConfirmation:
    holds = "A link sent to verify an e-mail address."
    about = "email_address__user"
    personal = ("created", "sent")
    pseudonymous = ("email_address",)
    neutral = ("id", "key")
    keeps_for = timedelta(weeks=1)
    ages_by = "created"
    on_erasure = "delete"
    withheld = {"key": "It is half of a link that signs in."}


class Session:
    holds = "A signed-in browser."
    about = None  # the person's id stands inside the signed text; erasure ends all of a person's sessions
    personal = ("session_data",)
    pseudonymous = ("session_key",)
    neutral = ("expire_date",)
    keeps_for = timedelta(weeks=2)
    ages_by = "expire_date"
    on_erasure = "delete"


class ContentType(_Nothing):
    neutral = ("id", "app_label", "model")


class Permission(_Nothing):
    neutral = ("id", "name", "content_type", "codename")


class Group(_Nothing):
    neutral = ("id", "name")


LIBRARIES = {
    "account.EmailAddress": EmailAddress,
    "account.EmailConfirmation": EmailConfirmation,
    "sessions.Session": Session,
    "contenttypes.ContentType": ContentType,
    "auth.Permission": Permission,
    "auth.Group": Group,
}
