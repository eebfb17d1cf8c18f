"""People of one company. An account lives in the company's schema and means nothing outside it."""

import uuid
from functools import reduce
from operator import or_

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.states import Role


class PersonManager(BaseUserManager):
    def get_by_natural_key(self, email: str) -> "Person":
        return self.get(email=email.lower())


class Person(AbstractBaseUser):
    """Someone who can sign in to this company's portal. `id` is the opaque id that the ledger uses."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True, help_text="In small letters.")
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = PersonManager()

    class Meta:
        verbose_name_plural = "people"
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_small")]

    class Privacy:
        holds = "An account: name, e-mail address, password as a hash, when it was used last."
        about = "id"
        personal = ("email", "name", "password", "last_login", "is_active", "joined_at")
        pseudonymous = ("id",)
        neutral = ()
        keeps_for = None
        on_erasure = "delete"
        withheld = {"password": "It is kept as a digest only; whoever found the file could try passwords against it."}
        app_may = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self):
        return self.name

    # Django's own code asks these of a user; there is no admin site and no other door.
    is_staff = False
    is_superuser = False

    def role_names(self) -> frozenset[Role]:
        """The roles held now. One query; views ask once per request and keep the answer."""
        return frozenset(Role(role) for role in self.roles.values_list("role", flat=True))


class RoleHeld(models.Model):
    """A role that a person holds now. Giving and taking are in the ledger."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=12, choices=Role)
    given_at = models.DateTimeField()
    given_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="role_held_once"),
            models.CheckConstraint(condition=reduce(or_, (Q(role=role) for role in Role)), name="role_known"),
        ]

    class Privacy:
        holds = "A role held in the company."
        about = "person"
        personal = ("role", "given_at")
        pseudonymous = ("person", "given_by")
        neutral = ("id",)
        keeps_for = None
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT", "DELETE")

    def __str__(self):
        return Role(self.role).label
