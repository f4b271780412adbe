"""SSH signatures: the verdicts of `ssh-keygen -Y verify`, on good ones and on forged ones."""

import base64
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring import (
    NAMESPACE,
    Authenticator,
    Parts,
    SoftKey,
    armour,
    integer,
    keygen,
    keygen_sign,
    keygen_verify,
    parts,
    string,
    unarmour,
)

from qmanual.signing import PublicKey, Refused, read_public_key
from qmanual.signing.sshsig import verify

MESSAGE = "文件：QP-7.5-01\n".encode()

KINDS = {
    "ed25519": ("ed25519",),
    "ecdsa 256": ("ecdsa", "-b", "256"),
    "ecdsa 384": ("ecdsa", "-b", "384"),
    "ecdsa 521": ("ecdsa", "-b", "521"),
    "rsa 2048": ("rsa", "-b", "2048"),
    "rsa 3072": ("rsa", "-b", "3072"),
}


def ours(signature: bytes, line: str, message: bytes = MESSAGE, namespace: str = NAMESPACE) -> bool:
    """Whether we take it for a signature of this key: what ssh-keygen is asked too."""
    try:
        return verify(signature, message, namespace) == read_public_key(line)
    except Refused as error:
        assert error.text
        return False


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: keygen(folder, *words) for name, words in KINDS.items()}


def public(key: Path) -> str:
    return key.with_name(key.name + ".pub").read_text(encoding="ascii").strip()


@pytest.mark.parametrize("hash", ["sha512", "sha256"])
@pytest.mark.parametrize("kind", KINDS)
def test_good_signature(kind: str, hash: str, keys: dict[str, Path], tmp_path: Path) -> None:
    signature = keygen_sign(keys[kind], MESSAGE, NAMESPACE, "-O", f"hashalg={hash}")
    line = public(keys[kind])
    assert keygen_verify(tmp_path, line, signature, MESSAGE)
    assert ours(signature, line)
    assert not ours(signature, line, MESSAGE + b" ")
    assert not ours(signature, line, namespace="git")
    assert not ours(signature, line, namespace="file")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_security_key(kind: str, tmp_path: Path) -> None:
    device = Authenticator(kind)
    for flags in (1, 5):
        signature = device.sign(MESSAGE, flags=flags)
        assert keygen_verify(tmp_path, device.line, signature, MESSAGE)
        assert ours(signature, device.line)
    untouched = device.sign(MESSAGE, flags=0)
    assert keygen_verify(tmp_path, device.line, untouched, MESSAGE)  # it leaves that to whoever lists the keys
    assert not ours(untouched, device.line)


def test_key_for_websites_is_refused() -> None:
    device = Authenticator("ed25519", "https://example.com")
    assert not forged_ok(device.sign(MESSAGE))
    with pytest.raises(Refused, match="websites"):
        read_public_key(device.line)


def forged_ok(signature: bytes) -> bool:
    try:
        verify(signature, MESSAGE, NAMESPACE)
    except Refused:
        return False
    return True


def flip(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


SOFT, OTHER = SoftKey("one"), SoftKey("two")
GOOD = parts(SOFT.sign(MESSAGE))

_ORDER = 2**252 + 27742317777372353535851937790883648493


def _value(value: bytes, kind: bytes = b"ssh-ed25519", tail: bytes = b"") -> bytes:
    return string(kind) + string(value) + tail


_RAW = GOOD.value[-64:]

FORGED: dict[str, bytes] = {
    "empty": b"",
    "no armour": b"hello\n",
    "public key": SOFT.line.encode(),
    "armour of another kind": GOOD.armoured.replace(b"SSH SIGNATURE", b"SSH MESSAGE"),
    "no end": GOOD.armoured.split(b"-----END")[0],
    "no beginning": GOOD.armoured.split(b"-----\n", 1)[1],
    "damaged base64": GOOD.armoured.replace(b"U1NIU0lH", b"U1NI*0lH"),
    "cut base64": GOOD.armoured.replace(b"\n-----END", b"")[:-60] + b"\n-----END SSH SIGNATURE-----\n",
    "magic": replace(GOOD, magic=b"SSHSIH").armoured,
    "version 2": replace(GOOD, version=2).armoured,
    "something left over": replace(GOOD, tail=b"\0").armoured,
    "a second signature behind": replace(GOOD, tail=b"SSHSIG").armoured,
    "other namespace, same signature": replace(GOOD, namespace=b"git").armoured,
    "empty namespace": replace(GOOD, namespace=b"").armoured,
    "namespace with a tail": replace(GOOD, namespace=NAMESPACE.encode() + b"\0x").armoured,
    "signed for git": SOFT.sign(MESSAGE, "git"),
    "signed for file": SOFT.sign(MESSAGE, "file"),
    "hash md5": replace(GOOD, hash=b"md5").armoured,
    "hash sha1": replace(GOOD, hash=b"sha1").armoured,
    "hash swapped": replace(GOOD, hash=b"sha256").armoured,
    "hash empty": replace(GOOD, hash=b"").armoured,
    "hash not ASCII": replace(GOOD, hash="ｓha512".encode()).armoured,
    "key swapped": replace(GOOD, key=OTHER.blob).armoured,
    "key with a tail": replace(GOOD, key=SOFT.blob + b"\0").armoured,
    "key cut": replace(GOOD, key=SOFT.blob[:-1]).armoured,
    "key of unknown type": replace(GOOD, key=string(b"ssh-foo") + string(b"x" * 32)).armoured,
    "key DSA": replace(GOOD, key=string(b"ssh-dss") + b"".join(map(integer, (23, 11, 4, 8)))).armoured,
    "key empty": replace(GOOD, key=b"").armoured,
    "key of zeros": replace(GOOD, key=string(b"ssh-ed25519") + string(b"\0" * 32)).armoured,
    "signature empty": replace(GOOD, value=b"").armoured,
    "signature of zeros": replace(GOOD, value=_value(b"\0" * 64)).armoured,
    "signature too short": replace(GOOD, value=_value(_RAW[:-1])).armoured,
    "signature too long": replace(GOOD, value=_value(_RAW + b"\0")).armoured,
    "signature with a tail": replace(GOOD, value=_value(_RAW, tail=b"\0")).armoured,
    "signature flipped at the beginning": replace(GOOD, value=_value(flip(_RAW, 0))).armoured,
    "signature flipped in the middle": replace(GOOD, value=_value(flip(_RAW, 32))).armoured,
    "signature flipped at the end": replace(GOOD, value=_value(flip(_RAW, -1))).armoured,
    "algorithm of RSA": replace(GOOD, value=_value(_RAW, b"rsa-sha2-512")).armoured,
    "algorithm of a security key": replace(GOOD, value=_value(_RAW, b"sk-ssh-ed25519@openssh.com")).armoured,
    "algorithm empty": replace(GOOD, value=_value(_RAW, b"")).armoured,
    "length that lies": replace(GOOD, value=string(b"ssh-ed25519") + b"\xff\xff\xff\xff" + _RAW).armoured,
    "two lines before": b"\n\n" + GOOD.armoured,
    "Windows line ends": GOOD.armoured.replace(b"\n", b"\r\n"),
    "old Mac line ends": GOOD.armoured.replace(b"\n", b"\r"),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_signature(name: str, tmp_path: Path) -> None:
    assert not keygen_verify(tmp_path, SOFT.line, FORGED[name], MESSAGE), "the test is wrong: this one is good"
    assert not ours(FORGED[name], SOFT.line)


SAME: dict[str, bytes] = {
    "good": GOOD.armoured,
    "no line end at the end": GOOD.armoured.rstrip(),
    "one long line": GOOD.armoured.replace(b"-----\n", b"----- ").replace(b"\n-----", b" -----").replace(b"\n", b"")
    .replace(b"----- ", b"-----\n").replace(b" -----", b"\n-----"),
    "reserved field in use": replace(GOOD, reserved=b"later").armoured,
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_other_ways_to_write_a_good_signature(name: str, tmp_path: Path) -> None:
    assert keygen_verify(tmp_path, SOFT.line, SAME[name], MESSAGE)
    assert ours(SAME[name], SOFT.line)


def _malleable() -> bytes:
    """The same signature with the group's order added to its second half (RFC 8032, 8.4)."""
    second = int.from_bytes(_RAW[32:], "little") + _ORDER
    return replace(GOOD, value=_value(_RAW[:32] + second.to_bytes(32, "little"))).armoured


STRICTER: dict[str, bytes] = {
    "text behind the armour": GOOD.armoured + b"and more\n",
    "version 0": replace(GOOD, version=0).armoured,
    "blanks in the base64": GOOD.armoured.replace(b"U1NI", b"U1 NI"),
    "second half not reduced": _malleable(),
    "hash with a NUL at its end": replace(GOOD, hash=b"sha512\0").armoured,
    "algorithm with a NUL at its end": replace(GOOD, value=_value(_RAW, b"ssh-ed25519\0")).armoured,
}
"""What ssh-keygen takes, in this version or that, and we do not."""


@pytest.mark.parametrize("name", STRICTER)
def test_where_we_are_stricter(name: str) -> None:
    assert not ours(STRICTER[name], SOFT.line)


def test_rsa_with_sha1_is_refused(keys: dict[str, Path], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from keyring import signed

    private = serialization.load_ssh_private_key(keys["rsa 2048"].read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    blob = base64.b64decode(public(keys["rsa 2048"]).split()[1])
    for name, hash, good in (("ssh-rsa", hashes.SHA1(), False), ("rsa-sha2-512", hashes.SHA512(), True)):
        value = string(name.encode()) + string(private.sign(signed(MESSAGE), padding.PKCS1v15(), hash))
        signature = Parts(blob, value).armoured
        assert keygen_verify(tmp_path, public(keys["rsa 2048"]), signature, MESSAGE) is good
        assert ours(signature, public(keys["rsa 2048"])) is good


def test_short_rsa_key_is_refused(tmp_path: Path) -> None:
    key = keygen(tmp_path, "rsa", "-b", "1024")
    assert not ours_line(public(key))
    assert not forged_ok(keygen_sign(key, MESSAGE))


def ours_line(line: str) -> PublicKey | None:
    try:
        return read_public_key(line)
    except Refused:
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_flipped_bits(kind: str, keys: dict[str, Path], tmp_path: Path) -> None:
    good = parts(keygen_sign(keys[kind], MESSAGE))
    line = public(keys[kind])
    for at in (4, len(good.value) // 3, len(good.value) // 2, -2, -1):
        signature = replace(good, value=flip(good.value, at)).armoured
        assert not ours(signature, line)
        assert not keygen_verify(tmp_path, line, signature, MESSAGE)


@pytest.mark.parametrize("kind", KINDS)
def test_public_key_is_read_as_ssh_keygen_writes_it(kind: str, keys: dict[str, Path]) -> None:
    import subprocess

    found = read_public_key(public(keys[kind]))
    command = ["ssh-keygen", "-l", "-f", str(keys[kind].with_name(keys[kind].name + ".pub"))]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert found.fingerprint == shown.split()[1]
    assert found.line == " ".join(public(keys[kind]).split()[:2])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        SOFT.line.replace("ssh-ed25519", "ssh-rsa"),
        SOFT.line + "=",
        SOFT.line[:-8],
        f"{SOFT.line} a\nssh-ed25519 b",
        "ssh-dss AAAAB3NzaC1kc3M= old",
        "ssh-ed25519-cert-v01@openssh.com AAAA",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
def test_no_public_key(line: str) -> None:
    assert ours_line(line) is None


_SMALL_ORDER = (
    "00" * 32,
    "01" + "00" * 31,
    "01" + "00" * 30 + "80",
    "ec" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)


@pytest.mark.parametrize("point", _SMALL_ORDER)
def test_key_with_which_everybody_can_sign(point: str) -> None:
    """A signature of no secret at all: R is the neutral point, S is zero. ssh-keygen takes it."""
    blob = string(b"ssh-ed25519") + string(bytes.fromhex(point))
    assert not ours_line("ssh-ed25519 " + base64.b64encode(blob).decode())
    value = _value(b"\x01" + b"\0" * 63)
    for extra in range(16):  # where the point has the order eight, one message in eight fits
        with pytest.raises(Refused, match="everybody"):
            verify(Parts(blob, value).armoured, MESSAGE * extra, NAMESPACE)


def test_rsa_key_has_one_form(keys: dict[str, Path], tmp_path: Path) -> None:
    """With zeros before its numbers one key would be two, registered for two people."""
    line = public(keys["rsa 2048"])
    good = parts(keygen_sign(keys["rsa 2048"], MESSAGE))
    kind, exponent, modulus = b"ssh-rsa", b"\x01\0\x01", good.key[-257:]
    assert good.key == string(kind) + string(exponent) + string(modulus)
    for blob in (
        string(kind) + string(exponent) + string(b"\0" + modulus),
        string(kind) + string(b"\0" + exponent) + string(modulus),
    ):
        assert keygen_verify(tmp_path, line, replace(good, key=blob).armoured, MESSAGE)
        assert not ours(replace(good, key=blob).armoured, line)
        assert not ours_line("ssh-rsa " + base64.b64encode(blob).decode())


def _mutated(signature: bytes, random: Random) -> bytes:
    """The signature with a few bytes of its armour, of its blob or of one of its parts changed."""
    taken = parts(signature)
    field = random.choice(["armour", "blob", "key", "value", "value", "namespace", "hash", "reserved", "tail"])
    data = bytearray(_piece(signature, field))
    for _ in range(random.choice([1, 1, 2])):
        at = random.randrange(len(data) + 1)
        change = random.randrange(4)
        data[at : at + (change != 1)] = [b"", bytes([random.randrange(256)]), b"\0", data[at : at + 1] * 2][change]
    if field == "armour":
        return bytes(data)
    return armour(bytes(data)) if field == "blob" else _with(taken, field, bytes(data)).armoured


def _piece(signature: bytes, field: str) -> bytes:
    taken = parts(signature)
    return {"armour": signature, "blob": unarmour(signature), "key": taken.key, "value": taken.value,
            "namespace": taken.namespace, "hash": taken.hash, "reserved": taken.reserved,
            "tail": taken.tail}[field]  # fmt: skip


def _with(taken: Parts, field: str, data: bytes) -> Parts:
    return {"key": replace(taken, key=data), "value": replace(taken, value=data), "hash": replace(taken, hash=data),
            "namespace": replace(taken, namespace=data), "reserved": replace(taken, reserved=data),
            "tail": replace(taken, tail=data)}[field]  # fmt: skip


@pytest.mark.parametrize("kind", [*KINDS, "security key ed25519", "security key ecdsa"])
def test_what_we_take_ssh_keygen_takes(kind: str, keys: dict[str, Path], tmp_path: Path) -> None:
    """Thousands of damaged signatures: none that we take is refused by ssh-keygen."""
    if kind in keys:
        line, good = public(keys[kind]), keygen_sign(keys[kind], MESSAGE)
    else:
        device = Authenticator(kind.rpartition(" ")[2])
        line, good = device.line, device.sign(MESSAGE)
    random = Random(kind)
    taken = {one for one in (_mutated(good, random) for _ in range(1000)) if ours(one, line)}
    assert 10 < len(taken) < 500  # what stands in the reserved field makes no difference
    assert [one for one in taken if not keygen_verify(tmp_path, line, one, MESSAGE)] == []


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_calmly(data: bytes) -> None:
    assert not forged_ok(data)
    assert not forged_ok(replace(GOOD, key=data).armoured)
    assert not forged_ok(replace(GOOD, value=data).armoured)
