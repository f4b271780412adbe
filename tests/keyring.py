"""Keys and signatures for tests: made with ssh-keygen as people make them, or by hand where a device is needed."""

import base64
import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

NAMESPACE = "qms-approval@v1"


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def integer(value: int) -> bytes:
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big") if value else b"")


def armour(blob: bytes) -> bytes:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def unarmour(signature: bytes) -> bytes:
    return base64.b64decode(b"".join(signature.split(b"\n")[1:-2]))


@dataclass(frozen=True)
class Parts:
    """The parts of an SSH signature, to be put together again otherwise."""

    key: bytes
    value: bytes
    namespace: bytes = NAMESPACE.encode()
    reserved: bytes = b""
    hash: bytes = b"sha512"
    magic: bytes = b"SSHSIG"
    version: int = 1
    tail: bytes = b""

    @property
    def armoured(self) -> bytes:
        fields = (self.key, self.namespace, self.reserved, self.hash, self.value)
        return armour(self.magic + self.version.to_bytes(4, "big") + b"".join(map(string, fields)) + self.tail)


def parts(signature: bytes) -> Parts:
    """An armoured signature taken apart."""
    blob, at, found = unarmour(signature), 10, []
    while at < len(blob):
        size = int.from_bytes(blob[at : at + 4], "big")
        found.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    return Parts(found[0], found[4], found[1], found[2], found[3])


def signed(message: bytes, namespace: str = NAMESPACE, hash: str = "sha512") -> bytes:
    """What a signature is made over (PROTOCOL.sshsig)."""
    fields = (namespace.encode(), b"", hash.encode(), hashlib.new(hash, message).digest())
    return b"SSHSIG" + b"".join(map(string, fields))


class SoftKey:
    """An ed25519 key made from a word: the same word, the same key and the same signatures."""

    def __init__(self, word: str) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.blob = string(b"ssh-ed25519") + string(public)
        self.line = "ssh-ed25519 " + base64.b64encode(self.blob).decode()

    def sign(self, message: bytes, namespace: str = NAMESPACE) -> bytes:
        value = string(b"ssh-ed25519") + string(self.private.sign(signed(message, namespace)))
        return Parts(self.blob, value, namespace.encode()).armoured

    def write(self, path: Path) -> Path:
        """The private key as ssh-keygen reads it, and the public one beside it."""
        path.write_bytes(self.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        path.chmod(0o600)
        path.with_name(path.name + ".pub").write_text(f"{self.line} test\n", encoding="ascii")
        return path


class Authenticator:
    """A FIDO2 device in software: signs as PROTOCOL.u2f says, with or without a touch."""

    def __init__(self, kind: str, application: str = "ssh:") -> None:
        self.application = application.encode()
        if kind == "ed25519":
            self.type = b"sk-ssh-ed25519@openssh.com"
            self.ed = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
            public = string(self.ed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        else:
            self.type = b"sk-ecdsa-sha2-nistp256@openssh.com"
            self.ec = ec.derive_private_key(4711, ec.SECP256R1())
            point = self.ec.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            public = string(b"nistp256") + string(point)
        self.kind = kind
        self.blob = string(self.type) + public + string(self.application)
        self.line = f"{self.type.decode()} {base64.b64encode(self.blob).decode()}"

    def sign(self, message: bytes, *, flags: int = 1, counter: int = 5, namespace: str = NAMESPACE) -> bytes:
        about = bytes([flags]) + counter.to_bytes(4, "big")
        hashed = hashlib.sha256(signed(message, namespace)).digest()
        inner = hashlib.sha256(self.application).digest() + about + hashed
        if self.kind == "ed25519":
            value = string(self.ed.sign(inner))
        else:
            r, s = decode_dss_signature(self.ec.sign(inner, ec.ECDSA(hashes.SHA256())))
            value = string(integer(r) + integer(s))
        return Parts(self.blob, string(self.type) + value + about, namespace.encode()).armoured


def keygen(folder: Path, kind: str, *more: str, passphrase: str = "") -> Path:
    """A key pair made by ssh-keygen; the path of the private key."""
    path = folder / ("key-" + "-".join([kind, *more]).replace("-b-", ""))
    command = ["ssh-keygen", "-q", "-t", kind, *more, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def keygen_sign(key: Path, message: bytes, namespace: str = NAMESPACE, *more: str) -> bytes:
    """A signature made by ssh-keygen."""
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key), *more]
    return subprocess.run(command, input=message, check=True, capture_output=True).stdout


def keygen_verify(
    folder: Path, line: str, signature: bytes, message: bytes, namespace: str = NAMESPACE, option: str = ""
) -> bool:
    """What `ssh-keygen -Y verify` says when this key is the one that is allowed."""
    signers, file = folder / "signers", folder / "signature"
    signers.write_text(f"somebody {option}{line}\n", encoding="ascii")
    file.write_bytes(signature)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "somebody", "-n", namespace, "-s", str(file)]
    return subprocess.run(command, input=message, capture_output=True, check=False).returncode == 0
