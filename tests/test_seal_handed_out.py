"""Seals on what leaves the house, numbered copies and packages; and the password, asked at a terminal."""

import hashlib
import json
import os
import pty
import re
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pdfua
import pytest
from disk import Done, Repo, environment, start
from pypdf import PdfReader
from seals import DAY, WORD, Office, an_office
from test_delivery import relisted
from test_pdf_archival import faults
from test_seal_commands import TRUST, manual, run, verified

from qmanual.control import package as packages
from qmanual.service.verifying import report

COPY = "dist/copies/QP-01_A-0_{number}.pdf"


@pytest.fixture(scope="module")
def office() -> Office:
    return an_office()


@pytest.fixture(scope="module")
def key(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return office.seal().file(tmp_path_factory.mktemp("keys") / "seal.p12")


@pytest.fixture
def repo(office: Office, key: Path, tmp_path: Path) -> Repo:
    return manual(tmp_path / "m", office, f"key: {key}\n{TRUST}")


# -- copies --------------------------------------------------------------------------------------------------------


def issue(repo: Repo, *words: str, word: str | None = WORD) -> Done:
    return run(repo, "copies", "issue", "QP-01", *words, "--as", "李静", "--yes", word=word)


def test_a_copy_is_stamped_then_sealed_and_registered_as_it_is(repo: Repo) -> None:
    done = issue(repo, "--to", "质量部", "--to", "李静", "--sign")
    assert done.code == 0, done.err
    assert WORD not in done.out + done.err
    lines = (repo.root / "copies.yml").read_text("utf-8").splitlines()[1:]
    assert len(lines) == 2
    for number, line in zip(("001", "002"), lines, strict=True):
        path = repo.root / COPY.format(number=number)
        assert hashlib.sha256(path.read_bytes()).hexdigest() in line
        assert all(number in page.extract_text() for page in PdfReader(path).pages)
        assert faults(path) == [] and not pdfua.validate(str(path)).findings
        found = verified(repo, path)
        assert not found["fails"] and any("质量体系文件专用章" in one for one in found["holds"])
    told = run(repo, "verify", str(path), word=None)
    assert told.code == 0, told.out
    assert "just these bytes are copy 002" in told.out and "covers the file to its end" in told.out


def test_a_sealed_copy_with_another_number_written_over_it_is_none(repo: Repo) -> None:
    issue(repo, "--to", "质量部", "--sign")
    path = repo.root / COPY.format(number="001")
    path.write_bytes(path.read_bytes().replace(b"<qm:copy>001<", b"<qm:copy>002<"))
    told = run(repo, "verify", str(path), "--format", "json", word=None)
    wrong = [one["message"] for one in json.loads(told.out)["lines"] if one["result"] == "fails"]
    assert told.code == 1
    assert any("calls itself copy 002" in one for one in wrong) and any("were changed" in one for one in wrong)


def test_copies_are_sealed_without_being_asked_for_where_every_print_is(
    office: Office, key: Path, tmp_path: Path
) -> None:
    repo = manual(tmp_path / "m", office, f"key: {key}\nbuild: true\n{TRUST}")
    refused = issue(repo, "--to", "质量部", word=None)
    assert refused.code == 2 and "QMANUAL_SEAL_PASSWORD" in refused.err
    assert not (repo.root / "copies.yml").exists() and not (repo.root / "dist").exists()
    assert issue(repo, "--to", "质量部").code == 0
    assert not verified(repo, repo.root / COPY.format(number="001"))["fails"]


def test_a_copy_that_cannot_be_sealed_is_not_handed_out(repo: Repo, office: Office, key: Path, tmp_path: Path) -> None:
    for done, said in (
        (issue(repo, "--to", "质量部", "--sign", word="wrong"), "password is wrong"),
        (issue(manual(tmp_path / "n", office, TRUST), "--to", "质量部", "--sign"), "docs/sealing.md"),
        (issue(manual(tmp_path / "t", office, f"key: {key}\nlevel: B-T\ntsa: http://127.0.0.1:9/\n{TRUST}"),
               "--to", "质量部", "--sign"), "127.0.0.1"),
    ):  # fmt: skip
        assert done.code == 2 and said in done.err, done.err
    assert [*tmp_path.rglob("copies.yml"), *tmp_path.rglob("*.pdf")] == []


def test_a_copy_without_a_seal_stays_as_it_was(repo: Repo) -> None:
    assert issue(repo, "--to", "质量部", word=None).code == 0
    path = repo.root / COPY.format(number="001")
    assert b"/ByteRange" not in path.read_bytes()
    assert verified(repo, path)["unknown"] == {"it bears no seal"}


# -- packages ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def packed(office: Office, key: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Repo, Path]:
    """A manual, and the folder of its sealed package, with the zip beside it."""
    base = tmp_path_factory.mktemp("packed")
    repo = manual(base / "m", office, f"key: {key}\n{TRUST}")
    done = run(repo, "package", "--for", "审核", "--sign", "--out", str(base / "out"))
    assert done.code == 0, done.err
    assert "Sealed: 2" in done.err and WORD not in done.out + done.err
    (folder,) = (one for one in (base / "out").iterdir() if one.is_dir())
    return repo, folder


@pytest.fixture
def there(packed: tuple[Repo, Path], tmp_path: Path) -> Path:
    return shutil.copytree(packed[1], tmp_path / "there")


def lines(root: Path, place: Path, *words: str, today: str | None = None) -> dict[str, dict[str, str]]:
    """What came of it → message → path, of the lines about seals and of the limits."""
    named = ("--today", today) if today else ()
    done = start("--root", str(root), "--lang", "en", *named, "verify", str(place), "--format", "json", *words)
    assert done.code in (0, 1), done.err
    found: dict[str, dict[str, str]] = {mark.value: {} for mark in report.Mark}
    for line in json.loads(done.out)["lines"]:
        if line["group"] in ("seal", "limits"):
            found[line["result"]][line["message"]] = line["path"] or ""
    assert done.code == 1 or not found["fails"]
    return found


def test_the_seals_of_a_package_are_verified_with_it(packed: tuple[Repo, Path]) -> None:
    repo, folder = packed
    for place in (folder, folder.with_name(f"{folder.name}.zip")):
        found = lines(repo.root, place)
        assert not found["fails"]
        assert any(re.match(r"2 PDFs: sealed by 质量体系文件专用章.*B-B", one) for one in found["holds"])
        assert "2 PDFs: the certificate leads to a trusted root and was valid at that time" in found["holds"]
        assert not any("electronic seal on the PDF would prove" in one for one in found["unknown"])
    assert packages.read((folder / packages.NAME).read_bytes()) is not None


def test_a_package_takes_over_the_seals_that_are_there(repo: Repo, tmp_path: Path) -> None:
    assert run(repo, "pdf", "--sign", "QP-01").code == 0
    done = run(repo, "package", "--for", "审核", "--out", str(tmp_path / "out"), word=None)
    assert done.code == 0, done.err
    (folder,) = (one for one in (tmp_path / "out").iterdir() if one.is_dir())
    name = "pdf/QP-01_A-0.pdf"
    assert (folder / name).read_bytes() == (repo.root / "dist" / name).read_bytes()
    found = lines(repo.root, folder)
    assert not found["fails"] and "of the PDFs 1 bear no seal: pdf/QP-02_A-0.pdf" in found["unknown"]


def test_who_has_no_manual_names_the_root(packed: tuple[Repo, Path], office: Office, tmp_path: Path) -> None:
    folder = packed[1]
    nobody = lines(tmp_path, folder)
    assert any("--trust FILE names a root" in one for one in nobody["unknown"]) and not nobody["fails"]
    root = tmp_path / "root.pem"
    root.write_bytes(office.root.pem)
    assert "2 PDFs: the certificate leads to a trusted root and was valid at that time" in lines(
        tmp_path, folder, "--trust", str(root)
    )["holds"]  # fmt: skip
    root.write_bytes(Office().root.pem)
    strange = lines(tmp_path, folder, "--trust", str(root))
    assert [one for one in strange["fails"] if "anybody can make one" in one]
    for content, said in ((b"no certificate", "holds no certificate"), (None, "cannot be read")):
        root.write_bytes(content) if content else root.unlink()
        done = start("--root", str(tmp_path), "--lang", "en", "verify", str(folder), "--trust", str(root))
        assert done.code == 2 and said in done.err


def test_a_meddled_pdf_in_a_package_that_was_listed_anew(packed: tuple[Repo, Path], there: Path) -> None:
    """Whoever meddles can write list and register anew, and not the seal."""
    path = there / "pdf/QP-01_A-0.pdf"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes() + b"\n% more")
    register = there / packages.REGISTER
    register.write_text(register.read_text("utf-8").replace(before, hashlib.sha256(path.read_bytes()).hexdigest()))
    relisted(there)
    found = lines(packed[0].root, there)
    assert found["fails"] == {"something was added to the file after it was sealed": "pdf/QP-01_A-0.pdf"}


def test_a_seal_that_was_taken_off_one_of_them(packed: tuple[Repo, Path], there: Path) -> None:
    path = there / "pdf/QP-01_A-0.pdf"
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"%%EOF") + 6])
    relisted(there)
    found = lines(packed[0].root, there)
    assert "of the PDFs 1 bear no seal: pdf/QP-01_A-0.pdf" in found["unknown"]
    assert any("electronic seal on the PDF would prove" in one for one in found["unknown"])


def test_who_names_a_root_expects_seals(packed: tuple[Repo, Path], office: Office, there: Path, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(office.root.pem)
    for path in (there / "pdf").iterdir():
        data = path.read_bytes()
        path.write_bytes(data[: data.index(b"%%EOF") + 6])
    relisted(there)
    assert not lines(tmp_path, there)["fails"]
    assert [one[:26] for one in lines(tmp_path, there, "--trust", str(root))["fails"]] == ["of the PDFs 2 bear no seal"]
    bare = there / "pdf/QP-01_A-0.pdf"
    assert "it bears no seal, and it is to be sealed: --trust names under which root" in lines(
        packed[0].root, bare, "--trust", str(root)
    )["fails"]  # fmt: skip
    sealed = packed[1] / "pdf/QP-01_A-0.pdf"
    assert not lines(packed[0].root, sealed, "--trust", str(root))["fails"]
    done = start("--root", str(tmp_path), "--lang", "en", "verify", str(there), "--trust", str(tmp_path / "none"))
    assert done.code == 2 and "cannot be read" in done.err


def test_a_certificate_that_has_expired_since(packed: tuple[Repo, Path], office: Office) -> None:
    later = (office.now + 800 * DAY).date().isoformat()
    assert any("expired on" in one for one in lines(packed[0].root, packed[1], today=later)["fails"])


# -- the password, asked -------------------------------------------------------------------------------------------

Terminal = Callable[..., tuple[int, str]]


@pytest.fixture
def terminal(repo: Repo) -> Iterator[Terminal]:
    """Runs a command at a terminal of its own and answers its question; gives exit code and all that was seen.

    `answer` is typed once `asked` is seen; `look` is called with the process then.
    """
    started: list[int] = []

    def go(
        *words: str, asked: str = "seal.p12", answer: bytes = b"", look: Callable[[int], object] = lambda _: None
    ) -> tuple[int, str]:
        command = [sys.executable, "-m", "qmanual", "--root", str(repo.root), "--lang", "zh", *words]
        process, end = pty.fork()
        if not process:
            os.execve(sys.executable, command, environment(TMPDIR=str(repo.root.parent)))
        started.append(process)
        seen, answered, until = b"", False, time.monotonic() + 120
        while time.monotonic() < until:
            if not select.select([end], [], [], 1)[0]:
                continue
            try:
                part = os.read(end, 65536)
            except OSError:  # Linux: the other side is closed
                break
            if not part:
                break
            seen += part
            if not answered and asked.encode() in seen and "密码".encode() in seen:
                answered = True
                look(process)
                time.sleep(0.3)  # the echo is switched off right after the question is written
                os.write(end, answer)
        started.remove(process)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.close(end)
        assert answered, seen.decode("utf-8", "replace")
        return code, seen.decode("utf-8", "replace")

    yield go
    for process in started:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def test_the_password_is_asked_for_and_not_shown(terminal: Terminal, repo: Repo) -> None:
    told: list[str] = []

    def look(process: int) -> None:
        told.append(Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8"))
        told.append(Path(f"/proc/{process}/environ").read_bytes().decode("utf-8", "replace"))

    code, seen = terminal("pdf", "--sign", "QP-01", answer=f"{WORD}\n".encode(), look=look)
    assert code == 0, seen
    path = repo.root / "dist/pdf/QP-01_A-0.pdf"
    assert not verified(repo, path)["fails"]
    assert len(told) == 2 and not any(WORD in one for one in (seen, *told))
    assert [one for one in repo.root.parent.rglob("*") if one.is_file() and WORD.encode() in one.read_bytes()] == []


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [(b"wrong-secret\n", 2, "密码不对"), (b"\x03", 130, ""), (b"\x04", 130, "")],
    ids=["wrong", "interrupted", "closed"],
)
def test_an_answer_that_opens_nothing(terminal: Terminal, repo: Repo, answer: bytes, code: int, said: str) -> None:
    ended, seen = terminal("pdf", "--sign", answer=answer)
    assert ended == code and said in seen, seen
    assert "wrong-secret" not in seen and "Traceback" not in seen
    assert [*repo.root.parent.glob("qmanual-*.log"), *repo.root.rglob("*.pdf")] == []


def test_a_copy_asks_for_it_too(terminal: Terminal, repo: Repo) -> None:
    words = ("--yes", "copies", "issue", "QP-01", "--to", "质量部", "--as", "李静", "--sign")
    code, seen = terminal(*words, answer=f"{WORD}\n".encode())
    assert code == 0 and WORD not in seen, seen
    assert not verified(repo, repo.root / COPY.format(number="001"))["fails"]
