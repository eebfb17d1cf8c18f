#!/usr/bin/env python3
"""Witness an Assent ledger from outside: remember what it was, and sign only what leads on from there.

    python witness.py init witness.example/audit           makes a key; prints the line to paste on the witnesses' page
    python witness.py watch https://acme.example/ledger/ --log VKEY --token TOKEN       asks once a minute (--once: now)
    python witness.py serve --listen 127.0.0.1:8081 --log VKEY     is asked instead: c2sp.org/tlog-witness, behind TLS
    python witness.py trust VKEY                           takes the ledger's next key, pasted from its page
    python witness.py show                                 says what it remembers
    python witness.py accept-restore                       keeps that as evidence, and begins anew

Needs Python 3.11 or later and `pip install cryptography`. Run it on a machine that whoever runs the ledger's database
cannot reach: what it remembers is worth something only there. It ends with 1 where a ledger was rewritten, with 2 where
it could not do its work. All it knows stands in one file, which is its key too; keep it, and keep it to yourself.
"""

import argparse
import json
import os
import re
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
except ImportError:
    sys.exit("This needs the package `cryptography`: pip install cryptography")

LOG, COSIGNATURE = 1, 4  # kinds of key
SIZE = "text/x.tlog.size"
MOST_BYTES = 64 * 1024
MOST_PROOF_LINES = 63
TIMEOUT = 10.0  # seconds
PAUSE = 60.0  # seconds between two looks
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")


class Refused(Exception):
    """A request is not signed: the status of c2sp.org/tlog-witness, and why."""

    def __init__(self, status: int, text: str, kind: str = "text/plain; charset=utf-8"):
        self.status, self.text, self.kind = status, text, kind
        super().__init__(text)


class Forked(Refused):
    """A ledger has signed something that does not lead on from what it signed before: keep it."""


class Misbehaves(Exception):
    """The ledger is not what it was."""


class CannotWork(Exception):
    """Something is missing, or cannot be reached."""


# ── Keys, notes, proofs ─────────────────────────────────────────────────────────────────
def key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def written_key(name: str, kind: int, public: bytes) -> str:
    return f"{name}+{key_id(name, kind, public).hex()}+{b64encode(bytes([kind]) + public).decode()}"


def read_key(vkey: str) -> tuple[str, bytes, bytes]:
    """Return name, id and public key of a ledger's key."""
    try:
        name, given, encoded = vkey.strip().split("+", 2)
        kind, *rest = b64decode(encoded, validate=True)
    except ValueError:
        raise CannotWork("A key is written as name+id+base64. Copy the whole line.") from None
    public = bytes(rest)
    if kind != LOG or len(public) != 32 or key_id(name, kind, public).hex() != given:
        raise CannotWork("This is no ledger's key, or a character of it is wrong: its id does not fit.")
    return name, bytes.fromhex(given), public


def read_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return the text, and name, key id and signature of each line under it."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Refused(400, "This is no signed note.\n")
    signatures = []
    for line in lines[:-1].split("\n"):
        found = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        blob = decoded(found[2]) if found else b""
        if not found or len(blob) < 5:
            raise Refused(400, "A line under the note is no signature.\n")
        signatures.append((found[1], blob[:4], blob[4:]))
    return text + "\n", signatures


def read_checkpoint(text: str) -> tuple[str, int, bytes]:
    origin, size, root, *_ = [*text.split("\n"), "", "", ""]
    if not origin or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or len(decoded(root)) != 32:
        raise Refused(400, "This is no checkpoint.\n")
    return origin, int(size), decoded(root)


def decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise Refused(400, "This is no base64.\n") from None


def read_request(body: str) -> tuple[int, list[bytes], str]:
    """Take an add-checkpoint request apart: old size, proof, checkpoint."""
    head, _, note = body.partition("\n\n")
    first, *proof = head.split("\n")
    if not re.fullmatch(r"old (0|[1-9][0-9]{0,18})", first) or len(proof) > MOST_PROOF_LINES:
        raise Refused(400, "A request begins with the old size and at most 63 lines of proof.\n")
    hashes = [decoded(line) for line in proof]
    if any(len(hashed) != 32 for hashed in hashes):
        raise Refused(400, "A line of the proof is no hash.\n")
    return int(first[4:]), hashes, note


def is_signed(note: str, vkeys: list[str]) -> bool:
    """Whether a trusted key has signed, and none stands there with a signature that is not its own."""
    text, signatures = read_note(note)
    known = {(name, number): public for name, number, public in map(read_key, vkeys)}
    ours = [(known[name, number], signature) for name, number, signature in signatures if (name, number) in known]
    try:
        for public, signature in ours:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return bool(ours)


def leads_on(old: int, size: int, old_root: bytes, root: bytes, proof: list[bytes]) -> bool:
    """Verify PROOF(old, D[size]) as RFC 9162, section 2.1.4.2, does."""
    if old in {0, size}:
        return not proof and (old == 0 or old_root == root)
    path = [old_root, *proof] if old & (old - 1) == 0 else proof
    if not path:
        return False
    first, second = old - 1, size - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    before = after = path[0]
    for hashed in path[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            before, after = node(hashed, before), node(hashed, after)
            while first and not first & 1:
                first, second = first >> 1, second >> 1
        else:
            after = node(after, hashed)
        first, second = first >> 1, second >> 1
    return second == 0 and (before, after) == (old_root, root)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


# ── What it remembers ───────────────────────────────────────────────────────────────────
@contextmanager
def remembering(path: Path) -> Iterator[dict]:
    """Hold what is remembered for the block, alone, and write it when the block ends well: all of it or nothing."""
    with locked(path.with_name(path.name + ".lock")):
        if not path.exists():
            raise CannotWork(f"There is no {path}. Begin with: witness.py init NAME")
        state = json.loads(path.read_text(encoding="utf-8"))
        before = json.dumps(state)
        yield state
        if json.dumps(state) != before:
            write_whole(path, json.dumps(state, indent=1))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415 - exists there alone

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - exists elsewhere alone

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, so that a crash leaves the old one or the new one."""
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    if os.name != "nt":
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def remembered(log: dict) -> tuple[int, bytes]:
    """Size and root of the last checkpoint signed for a log."""
    return read_checkpoint(read_note(log["note"])[0])[1:] if log["note"] else (0, sha256(b"").digest())


def trust(state: dict, vkey: str) -> str:
    """Trust a key of a ledger from now on; return the ledger's name."""
    origin = read_key(vkey)[0]
    log = state["logs"].setdefault(origin, {"vkeys": [], "note": ""})
    if vkey.strip() not in log["vkeys"]:
        log["vkeys"].append(vkey.strip())
    return origin


def cosign(state: dict, body: str, at: int) -> tuple[int, str]:
    """Check a request as c2sp.org/tlog-witness says, remember its checkpoint, and return its size and our line."""
    old, proof, note = read_request(body)
    text, signatures = read_note(note)
    origin, size, root = read_checkpoint(text)
    log = state["logs"].get(origin)
    if log is None:
        raise Refused(404, "This ledger is not known here.\n")
    if not is_signed(note, log["vkeys"]):
        raise Refused(403, "None of the keys that are trusted here has signed this checkpoint.\n")
    if old > size:
        raise Refused(400, "The old size is larger than the checkpoint's.\n")
    known_size, known_root = remembered(log)
    if old != known_size:
        raise Refused(409, f"{known_size}\n", SIZE)
    if size == known_size and root != known_root:
        raise Forked(409, f"{known_size}\n", SIZE)
    if not leads_on(known_size, size, known_root, root, proof):
        raise Forked(422, f"The proof does not lead on from the {known_size} entries that are known here.\n")
    line = signature(state, text, at)
    by_log = [f"— {name} {b64encode(number + made).decode()}\n" for name, number, made in signatures if name == origin]
    log["note"] = f"{text}\n{''.join(by_log)}{line}"
    return size, line


def signature(state: dict, text: str, at: int) -> str:
    """Our line under a checkpoint: c2sp.org/tlog-cosignature, Ed25519."""
    private = Ed25519PrivateKey.from_private_bytes(b64decode(state["private"]))
    number = key_id(state["name"], COSIGNATURE, private.public_key().public_bytes_raw())
    signed = private.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    return f"— {state['name']} {b64encode(number + at.to_bytes(8, 'big') + signed).decode()}\n"


def keep_evidence(path: Path, text: str) -> Path:
    """Write down what a ledger signed. The same text is kept once."""
    kept = path.with_name(f"evidence-{sha256(text.encode()).hexdigest()[:16]}.txt")
    write_whole(kept, text)
    return kept


# ── Watching: it asks ───────────────────────────────────────────────────────────────────
class NoRedirects(HTTPRedirectHandler):
    """The token goes to the address that was typed, and nowhere else."""

    def redirect_request(self, *_):
        return None


def post(url: str, token: str, body: str) -> tuple[int, str]:
    parts = urlsplit(url)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"} or (parts.hostname or "").endswith(".localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
        raise CannotWork("The ledger's address begins with https://")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain; charset=utf-8", "Host": parts.netloc}
    if parts.scheme == "http":  # names below .localhost are this machine (RFC 6761), though not every resolver knows
        url = url.replace(parts.netloc, f"localhost:{parts.port or 80}", 1)
    try:
        with build_opener(NoRedirects).open(Request(url, body.encode(), headers), timeout=TIMEOUT) as answer:  # noqa: S310
            return answer.status, answer.read(MOST_BYTES).decode()
    except HTTPError as answer:
        return answer.code, answer.read(MOST_BYTES).decode(errors="replace")
    except (OSError, HTTPException, ValueError) as error:
        raise CannotWork(f"The ledger could not be reached: {error}") from None


def look(path: Path, url: str, origin: str, token: str) -> str:
    """Show the ledger what we remember, sign what leads on from there, and say what came of it."""
    with remembering(path) as state:
        note = state["logs"][origin]["note"]
        known = remembered(state["logs"][origin])[0]
    status, answer = post(f"{url}/witness/compare", token, note)
    if status == 401 and known:
        raise Misbehaves(
            f"The ledger no longer knows this token, though we signed {known} of its entries. Unless an officer has "
            "removed this witness, the ledger was restored from before it was added. Ask them."
        )
    if status == 409:
        raise Misbehaves(f"{answer.strip()} When you agree with what was done: witness.py accept-restore")
    if status != 200:
        raise CannotWork(f"The ledger answered {status}: {answer.strip()[:300]}")
    try:
        with remembering(path) as state:
            size, line = cosign(state, answer, int(time.time()))
    except Refused as refusal:
        kept = keep_evidence(path, answer)
        raise Misbehaves(
            f"The ledger shows us something that does not lead on from the {known} entries we signed, or that is not "
            f"signed by a key we trust ({refusal.status}: {refusal.text.strip()}). What it showed is kept in {kept}."
        ) from None
    new_keys = unknown_keys(state, answer)
    status, said = post(f"{url}/witness/cosignature/{size}", token, line)
    if status != 200:
        raise CannotWork(f"We signed {size} entries, but the ledger answered {status}: {said.strip()[:300]}")
    return f"Signed {size} entries.{new_keys}"


def unknown_keys(state: dict, request: str) -> str:
    """A sentence, where the ledger signs with a key too that nobody has told us to trust."""
    text, signatures = read_note(read_request(request)[2])
    origin = read_checkpoint(text)[0]
    known = {read_key(vkey)[:2] for vkey in state["logs"][origin]["vkeys"]}
    if {(name, number) for name, number, _ in signatures if name == origin} <= known:
        return ""
    return " It signs with a new key too: compare it with the ledger's page, then: witness.py trust VKEY"


def watch(path: Path, options: argparse.Namespace) -> None:
    token = options.token or os.environ.get("WITNESS_TOKEN", "")
    if not token:
        raise CannotWork("Give the token with --token, or in WITNESS_TOKEN.")
    with remembering(path) as state:
        origin = trust(state, options.log) if options.log else only(state)
    while True:
        try:
            say(look(path, options.url.rstrip("/"), origin, token))
        except (Misbehaves, CannotWork) as error:
            if options.once:
                raise
            say(f"{'WARNING: ' if isinstance(error, Misbehaves) else ''}{error}")
        if options.once:
            return
        time.sleep(options.every)


def only(state: dict) -> str:
    """The one ledger that is known."""
    if len(state["logs"]) != 1:
        raise CannotWork("Say which ledger: --log VKEY, the line on its page of witnesses. Compare it by another way.")
    return next(iter(state["logs"]))


# ── Serving: it is asked ────────────────────────────────────────────────────────────────
class Handler(BaseHTTPRequestHandler):
    """POST /add-checkpoint of c2sp.org/tlog-witness. TLS is a proxy's work."""

    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT
    path_of_state: Path

    def do_POST(self) -> None:
        try:
            body = self._body()
            with remembering(self.path_of_state) as state:
                _, line = cosign(state, body, int(time.time()))
        except Refused as refusal:
            if isinstance(refusal, Forked):
                say(f"WARNING: a ledger was rewritten. What it showed: {keep_evidence(self.path_of_state, body)}")
            self._answer(refusal.status, refusal.text, refusal.kind)
        else:
            self._answer(200, line, "text/plain; charset=utf-8")

    def _body(self) -> str:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint" or not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True  # what was sent is not read
            raise Refused(404 if self.path != "/add-checkpoint" else 400, "Here is add-checkpoint, of 64 kB at most.\n")
        try:
            return self.rfile.read(int(length)).decode()
        except (UnicodeDecodeError, TimeoutError):
            self.close_connection = True
            raise Refused(400, "This is no text of that length.\n") from None

    def _answer(self, status: int, text: str, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def serve(path: Path, options: argparse.Namespace) -> None:
    with remembering(path) as state:
        for vkey in options.log:
            trust(state, vkey)
    host, _, port = options.listen.rpartition(":")
    with ThreadingHTTPServer((host, int(port)), type("Bound", (Handler,), {"path_of_state": path})) as server:
        say(f"Listening on {host}:{server.server_port}.")
        server.serve_forever()


# ── The other commands ──────────────────────────────────────────────────────────────────
def init(path: Path, options: argparse.Namespace) -> None:
    if path.exists():
        raise CannotWork(f"{path} exists already. Show it with: witness.py show")
    if not NAME.fullmatch(options.name):
        raise CannotWork("Name it like an address, as in witness.example/audit: letters, digits and . _ : / - only.")
    private = Ed25519PrivateKey.generate()
    state = {"name": options.name, "private": b64encode(private.private_bytes_raw()).decode(), "logs": {}}
    write_whole(path, json.dumps(state, indent=1))
    say(f"Made {path}. Paste this line on the ledger's page of witnesses:")
    print(vkey_of(state))


def vkey_of(state: dict) -> str:
    public = Ed25519PrivateKey.from_private_bytes(b64decode(state["private"])).public_key().public_bytes_raw()
    return written_key(state["name"], COSIGNATURE, public)


def show(path: Path, _options: argparse.Namespace) -> None:
    with remembering(path) as state:
        print(vkey_of(state))
        for log in state["logs"].values():
            print(f"\n{log['note'] or 'Nothing signed yet.'}\n" + "\n".join(f"trusted: {key}" for key in log["vkeys"]))


def trust_key(path: Path, options: argparse.Namespace) -> None:
    with remembering(path) as state:
        say(f"Trusted from now on for {trust(state, options.vkey)}.")


def accept_restore(path: Path, options: argparse.Namespace) -> None:
    with remembering(path) as state:
        log = state["logs"][trust(state, options.log) if options.log else only(state)]
        if not log["note"]:
            raise CannotWork("Nothing is remembered that could be given up.")
        kept = keep_evidence(path, log["note"])
        log["note"] = ""
    say(f"What was signed last is kept in {kept}, for whoever asks what the ledger was. We begin anew.")


def say(sentence: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {sentence}", flush=True)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, default=Path("witness.json"), help="the file it keeps")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, does in {
        "init": init, "watch": watch, "serve": serve, "trust": trust_key, "show": show,
        "accept-restore": accept_restore,
    }.items():  # fmt: skip
        commands.add_parser(name).set_defaults(does=does)
    parsers = commands.choices
    parsers["init"].add_argument("name")
    parsers["trust"].add_argument("vkey")
    parsers["watch"].add_argument("url")
    parsers["watch"].add_argument("--token", default="")
    parsers["watch"].add_argument("--once", action="store_true")
    parsers["watch"].add_argument("--every", type=float, default=PAUSE, help="seconds between two looks")
    for name in ("watch", "accept-restore"):
        parsers[name].add_argument("--log", default="", help="the ledger's key, pasted from its page")
    parsers["serve"].add_argument("--log", action="append", default=[], help="a ledger's key; may be given again")
    parsers["serve"].add_argument("--listen", default="127.0.0.1:8081")
    return parser


def main() -> None:
    options = arguments().parse_args()
    try:
        options.does(options.state, options)
    except Misbehaves as error:
        say(f"WARNING: {error}")
        sys.exit(1)
    except (CannotWork, Refused) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
