"""The sealed tree over the entries: leaves, nodes, signed checkpoints, and the keys that sign them."""

from django.db import models
from django.db.models.functions import Now


class Leaf(models.Model):
    """The place of an entry in the tree, and the hash of what it said when it was sealed."""

    index = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()

    class Meta:
        verbose_name_plural = "leaves"

    class Privacy:
        holds = "The place of a ledger entry in the sealed tree, and its hash."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("index", "entry_id", "hash")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "A hash of opaque ids; without it no proof verifies."
        app_may = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return f"leaf {self.index}"


class Node(models.Model):
    """The root over one full tile: 256 hashes of the level below (c2sp.org/tlog-tiles)."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="node_one_a_place")]

    class Privacy:
        holds = "A hash over hashes of ledger entries."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "level", "index", "hash")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "A hash of hashes; without it no proof verifies."
        app_may = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return f"node {self.level}/{self.index}"


class Checkpoint(models.Model):
    """The tree's size and root, signed. Below `floor_xid`, in this cluster, nothing is left to seal."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    sealed_at = models.DateTimeField(db_default=Now())
    cluster = models.CharField(max_length=20)
    floor_xid = models.BigIntegerField()
    floor_id = models.BigIntegerField()

    class Privacy:
        holds = "A signed size and root of the ledger."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("size", "root", "note", "sealed_at", "cluster", "floor_xid", "floor_id")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "A signature over hashes; earlier exports are checked against it."
        app_may = ("SELECT", "INSERT (size, root, note, cluster, floor_xid, floor_id)")

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class SigningKey(models.Model):
    """A key this log signs with. Its private half is sealed under a key from the environment (`LEDGER_KEY`)."""

    name = models.CharField(max_length=200)
    public = models.BinaryField(unique=True)
    sealed_private = models.BinaryField()
    made_at = models.DateTimeField()

    class Privacy:
        holds = "A key that signs the ledger’s checkpoints, sealed."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "name", "public", "sealed_private", "made_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "It names nobody; earlier checkpoints are verified with it."
        app_may = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return self.name


class Verification(models.Model):
    """One reading of the whole ledger against its tree, and the first thing found wrong, if any."""

    at = models.DateTimeField()
    size = models.BigIntegerField()
    finding = models.TextField(default="")

    class Meta:
        get_latest_by = "id"

    class Privacy:
        holds = "When the ledger was read and compared with its tree, and what was found."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "at", "size", "finding")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "It names nobody."
        app_may = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return self.finding or f"{self.size} entries verified"

    @property
    def is_sound(self) -> bool:
        return not self.finding
