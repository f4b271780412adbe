"""TEST KEYS. Their seeds are made from words that everybody can read: what they sign proves nothing about anybody.

They exist so that a demonstration signs as people sign, with ssh-keygen and a key file; and so that it comes out the
same every time, for which the keys must be the same.
"""

import base64
import hashlib
from pathlib import Path

from qmanual.demo.story import Person

KIND = "ssh-ed25519"
_COLUMNS = 70


def public_line(person: Person) -> str:
    """The line that is registered: `ssh-ed25519 AAAA… NAME`."""
    return f"{KIND} {person.public} {person.name}"


def seed(person: Person) -> bytes:
    """The private half: 32 bytes that anybody can make."""
    return hashlib.sha256(f"QManual demo test key: {person.word}".encode()).digest()


def private_file(person: Person) -> bytes:
    """The key as ssh-keygen reads it, without a passphrase (OpenSSH, PROTOCOL.key)."""
    blob = base64.b64decode(person.public)
    public = blob[-32:]
    check = hashlib.sha256(blob).digest()[:4]
    comment = f"TEST KEY of {person.word}"
    secret = check + check + blob + _string(seed(person) + public) + _string(comment.encode())
    secret += bytes(range(1, 1 + -len(secret) % 8))
    whole = b"openssh-key-v1\0" + b"".join(map(_string, (b"none", b"none", b""))) + (1).to_bytes(4, "big")
    text = base64.b64encode(whole + _string(blob) + _string(secret)).decode("ascii")
    lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
    name = "OPENSSH PRIVATE KEY"
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----", ""]).encode("ascii")


def key_path(folder: Path, person: Person) -> Path:
    """Where a person's private key lies in the folder of the keys."""
    return folder / person.word


def write_keys(folder: Path, people: tuple[Person, ...]) -> None:
    """Write everybody's key files; only their owner may read the private ones, else ssh-keygen refuses them."""
    folder.mkdir(mode=0o700)
    for person in people:
        path = key_path(folder, person)
        path.touch(mode=0o600)
        path.write_bytes(private_file(person))
        path.with_name(f"{path.name}.pub").write_text(f"{public_line(person)}\n", encoding="utf-8")


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
