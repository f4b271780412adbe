"""Signing as people do it: a key file, a passphrase, the agent, a time stamp; through `approve`, then proven."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disk import Done, Repo, write
from keyring import NAMESPACE, keygen
from signed import FILES, ID, KEYS, PATH, organization
from test_timestamp import Authority
from test_timestamp import authority as authority

from qmanual.signer import sign
from qmanual.signing import Refused, read_public_key
from qmanual.signing.sshsig import verify

TODAY = "2026-05-25"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the agent of Windows is a service")


@pytest.fixture
def unsigned(tmp_path: Path) -> Repo:
    """The manual with everybody's key registered, committed, signed by nobody."""
    lines = [line for line in FILES[PATH].split("\n") if not line.startswith(("prepared", "reviewed", "approved"))]
    repo = Repo(tmp_path / "手册")
    repo.git("config", "user.name", "何雨桐")
    repo.git("config", "user.email", "heyutong@example.com")
    repo.commit({**FILES, PATH: "\n".join(lines)})
    return repo


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """An SSH agent of its own; gives a function that loads a key into it."""
    socket = Path(tempfile.gettempdir()) / f"qm-{os.getpid()}-agent"  # the path of a socket has at most 107 characters
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    for _ in range(200):
        if socket.exists():
            break
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.01)"], check=True)

    def load(key: Path) -> None:
        subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True)

    yield load
    process.terminate()
    process.wait()
    socket.unlink(missing_ok=True)


def test_signs_with_a_key_file(tmp_path: Path) -> None:
    key = KEYS["李静"].write(tmp_path / "密钥 文件")
    assert verify(sign(b"text", NAMESPACE, str(key), ()), b"text", NAMESPACE) == read_public_key(KEYS["李静"].line)


def test_key_with_a_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = keygen(tmp_path, "ed25519", passphrase="secret")
    asks = tmp_path / "ask"
    asks.write_text("#!/bin/sh\necho secret\n", encoding="ascii")
    asks.chmod(0o700)
    monkeypatch.setenv("SSH_ASKPASS", str(asks))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    verify(sign(b"text", NAMESPACE, str(key), ()), b"text", NAMESPACE)
    asks.write_text("#!/bin/sh\necho wrong\n", encoding="ascii")
    with pytest.raises(Refused, match="did not sign"):
        sign(b"text", NAMESPACE, str(key), ())


def test_signs_with_the_agent(tmp_path: Path, agent: Callable[[Path], None]) -> None:
    mine, other = read_public_key(KEYS["李静"].line), read_public_key(KEYS["王强"].line)
    with pytest.raises(Refused, match="agent holds none"):
        sign(b"text", NAMESPACE, "agent", (mine,))
    agent(KEYS["李静"].write(tmp_path / "key"))
    assert verify(sign(b"text", NAMESPACE, "agent", (other, mine)), b"text", NAMESPACE) == mine


def test_no_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(Refused, match="No SSH agent"):
        sign(b"text", NAMESPACE, "agent", ())


def test_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no key file"):
        sign(b"text", NAMESPACE, str(tmp_path / "none"), ())


def test_no_ssh_keygen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="not installed"):
        sign(b"text", NAMESPACE, "key", ())


def test_environment_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ssh-keygen gets what it needs to ask and to find the agent, and nothing else."""
    fake = tmp_path / "ssh-keygen"
    fake.write_text("#!/bin/sh\nenv\n", encoding="ascii")
    fake.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.setenv("SECRET_TOKEN", "x")
    key = KEYS["李静"].write(tmp_path / "key")
    given = sign(b"", NAMESPACE, str(key), ()).decode()
    assert "PATH=" in given
    assert "SECRET_TOKEN" not in given
    assert "LD_PRELOAD" not in given


def approve(cli: Callable[..., Done], repo: Repo, name: str, meaning: str, *more: str) -> Done:
    done = cli("approve", ID, "--as", name, "--meaning", meaning, "--yes", *more, root=repo.root, today=TODAY)
    if done.code == 0:
        repo.commit({}, TODAY)
    return done


def test_life_with_keys(cli: Callable[..., Done], unsigned: Repo, tmp_path: Path) -> None:
    """Prepared, reviewed and approved with keys, released, proven: through the command line only."""
    done = approve(cli, unsigned, "李静", "prepared")
    assert (done.code, "--key" in done.err) == (2, True), "this kind is signed with a key"
    for name, meaning in (("李静", "prepared"), ("王强", "reviewed"), ("陈刚", "approved")):
        done = approve(cli, unsigned, name, meaning, "--key", str(KEYS[name].write(tmp_path / name)))
        assert done.code == 0, done.err
    key = str(KEYS["李静"].write(tmp_path / "release"))
    done = cli("release", "2026-05", "--yes", "--key", key, "--as", "李静", root=unsigned.root, today=TODAY)
    assert done.code == 0, done.err
    done = cli("verify", root=unsigned.root, today=TODAY)
    assert done.code == 0, done.out
    assert "签署人 李静, 王强, 陈刚" in done.out
    assert "标签由李静签名" in done.out
    shutil.rmtree(unsigned.root / ".git")
    assert cli("verify", root=unsigned.root, today=TODAY).code == 0


@pytest.mark.parametrize(
    ("name", "meaning", "key"),
    [
        ("李静", "approved", "李静"),  # no right
        ("李静", "prepared", "王强"),  # somebody else's key
        ("李静", "prepared", "外人"),  # a key that nobody registered
        ("外人", "prepared", "外人"),  # nobody of the company
        ("王强", "reviewed", "王强"),  # not prepared yet
    ],
)
def test_signature_that_would_not_hold(
    cli: Callable[..., Done], unsigned: Repo, tmp_path: Path, name: str, meaning: str, key: str
) -> None:
    before = unsigned.git("status", "--porcelain")
    done = approve(cli, unsigned, name, meaning, "--key", str(KEYS[key].write(tmp_path / "key")))
    assert done.code == 2
    assert done.err
    assert unsigned.git("status", "--porcelain") == before, "nothing was written"


def test_level_two(cli: Callable[..., Done], unsigned: Repo, tmp_path: Path, authority: Authority) -> None:
    pem = "".join(f"    {line}\n" for line in authority.pem.splitlines())
    people = organization(tail=f"time_stamp_authorities:\n  - |\n{pem}")
    settings = FILES["mkdocs.yml"].replace("procedure: 1", "procedure: 2")
    unsigned.commit({"manual/organization.yml": people, "mkdocs.yml": settings})
    key = str(KEYS["李静"].write(tmp_path / "key"))
    from datetime import date

    today = date.today().isoformat()  # the authority does not know of another day
    words = ("approve", ID, "--as", "李静", "--meaning", "prepared", "--yes", "--key", key)
    assert cli(*words, root=unsigned.root, today=today).code == 2, "without a time stamp"
    done = cli(*words, "--tsa", authority.url, root=unsigned.root, today=today)
    assert done.code == 0, done.err
    token = next((unsigned.root / "approvals").rglob("*.tsr"))
    assert cli("check", root=unsigned.root, today=today).code == 0
    good = token.read_bytes()
    for bad in (good[:-1] + bytes([good[-1] ^ 1]), b"", None):
        if bad is None:
            token.unlink()
        else:
            token.write_bytes(bad)
        done = cli("check", root=unsigned.root, today=today)
        assert "QM359" in done.out


def test_stolen_key_dated_back_is_found(
    cli: Callable[..., Done], unsigned: Repo, tmp_path: Path, authority: Authority
) -> None:
    """Who finds a key writes an old time; the time stamp is of the day on which he did."""
    from datetime import date

    from signed import digest, filed, statement

    from qmanual.control.statement import SIGNATURE, STAMP
    from qmanual.model import Meaning
    from qmanual.signer import stamp

    pem = "".join(f"    {line}\n" for line in authority.pem.splitlines())
    people = organization(tail=f"time_stamp_authorities:\n  - |\n{pem}")
    files = {path: (unsigned.root / path).read_text(encoding="utf-8") for path in FILES}
    old = statement(Meaning.PREPARED, "李静", "2026-05-20T09:00:00+08:00", digest=digest(files))
    forged = filed([old])
    path = old.path(1)
    forged[path + STAMP] = stamp(forged[path + SIGNATURE], authority.url)
    write(unsigned.root, {**forged, "manual/organization.yml": people})
    done = cli("check", root=unsigned.root, today=date.today().isoformat())
    assert "QM359" in done.out
    assert path in done.out
