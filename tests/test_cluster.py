"""Printing on a Dask cluster: a real scheduler and real workers on this machine, killed, swapped, and refused."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from disk import DAY, environment, hashes, write
from test_pdf import page, png, print_all

from qmanual.checks.example import SOUND
from qmanual.pdf import Failed, Job, Printed
from qmanual.pdf.afar import Other, difference
from qmanual.pdf.job import CannotPrint

pytest.importorskip("distributed")

WORKER = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler without workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = tmp_path_factory.mktemp("scheduler")
    with dask(place, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"):
        wait_for(lambda: answers(port))
        yield f"tcp://127.0.0.1:{port}"


def answers(port: int) -> bool:
    with socket.socket() as other:
        return other.connect_ex(("127.0.0.1", port)) == 0


def wait_for(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def dask(place: Path, *words: str, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of Dask's as a process of its own; it ends with the context."""
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words], cwd=place, env=environment(**more), stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def worker(scheduler: str, tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Starts workers: `worker(**environment)`. Their names and the nanny's are left to Dask."""
    with ExitStack() as started:

        def start(*words: str, **more: str) -> "subprocess.Popen[bytes]":
            place = tmp_path / f"worker-{len(list(tmp_path.iterdir()))}"
            place.mkdir()
            process = started.enter_context(dask(place, "worker", scheduler, *WORKER, *words, **more))
            wait_for(lambda: b"Registered to" in (place / "log").read_bytes())
            return process

        yield start


Start = Callable[..., "subprocess.Popen[bytes]"]


def jobs(root: Path, count: int = 12) -> list[Job]:
    write(root, {"a/图 1.png": png(), "b.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'})
    picture = '<img alt="图" src="a/%E5%9B%BE%201.png"/><img alt="二" src="b.svg"/>'
    return [
        Job(f"{at}.pdf", str(at), page(f"<p>文件{at}{'。字' * 400 * at}</p>{picture}"), {"document": str(at)})
        for at in range(count)
    ]


def test_the_same_bytes_as_at_home(scheduler: str, worker: Start, tmp_path: Path) -> None:
    from qmanual.pdf.cluster import Cluster

    told: list[Other] = []
    shown: list[object] = []
    root = tmp_path / "root"
    wanted = [*jobs(root), Job("x.pdf", "X", page('<img alt="x" src="../x.png"/>')), Job("y.pdf", "Y", "<p>open")]
    worker(), worker()
    with Cluster(scheduler, root, told.append) as cluster:
        afar = cluster.print_all(wanted, tmp_path / "afar", lambda *at: shown.append(at))
    here = print_all(wanted, root, tmp_path / "here")
    assert afar == here
    assert [type(one) for one in afar].count(Failed) == 2
    assert hashes(tmp_path / "afar") == hashes(tmp_path / "here")
    assert told == []
    assert shown[-1] == (14, 14, 1.0)


def test_a_killed_worker_loses_nothing(scheduler: str, worker: Start, tmp_path: Path) -> None:
    from qmanual.pdf.cluster import Cluster

    root = tmp_path / "root"
    wanted = jobs(root, 16)
    first, _ = worker("--no-nanny"), worker()
    killed: list[int] = []

    def kill(done: int, of: int, share: float) -> None:
        if not killed:
            killed.append(first.pid)
            os.kill(first.pid, signal.SIGKILL)

    with Cluster(scheduler, root, lambda other: None) as cluster:
        found = cluster.print_all(wanted, tmp_path / "afar", kill)
    assert [one.id for one in found if not isinstance(one, Printed)] == []
    assert killed
    assert len(hashes(tmp_path / "afar")) == 16


def test_all_workers_gone_and_others_come(scheduler: str, worker: Start, tmp_path: Path) -> None:
    from qmanual.pdf.cluster import Cluster

    root = tmp_path / "root"
    wanted = jobs(root, 10)
    first = worker("--no-nanny")
    swapped: list[int] = []

    def swap(done: int, of: int, share: float) -> None:
        if not swapped:
            os.kill(first.pid, signal.SIGKILL)
            swapped.append(worker("--no-nanny").pid)

    with Cluster(scheduler, root, lambda other: None) as cluster:
        found = cluster.print_all(wanted, tmp_path / "afar", swap)
    assert all(isinstance(one, Printed) for one in found)


OTHER = "import qmanual.pdf.tools as t, functools\nm = t.tools()\nt.tools = lambda: m | {'weasyprint': '1.0'}\n"


def test_a_worker_with_another_tool_is_refused_by_name(scheduler: str, worker: Start, tmp_path: Path) -> None:
    from qmanual.pdf.cluster import Cluster

    told: list[Other] = []
    root = tmp_path / "root"
    (tmp_path / "other.py").write_text(OTHER)
    worker("--no-nanny", "--preload", str(tmp_path / "other.py"))
    worker("--no-nanny")
    with Cluster(scheduler, root, told.append) as cluster:
        found = cluster.print_all(jobs(root), tmp_path / "afar")
    assert all(isinstance(one, Printed) for one in found)
    assert [(one.what, one.there) for one in told] == [("weasyprint", "1.0")]
    assert told[0].worker.startswith("tcp://127.0.0.1:")


def test_no_worker_that_can_print_is_told(
    scheduler: str, worker: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qmanual.pdf import cluster as module

    monkeypatch.setattr(module, "PATIENCE", 5.0)
    monkeypatch.setattr(module, "LOOK", 0.5)
    worker("--no-nanny", PYTHONPATH=str(tmp_path / "without"), QMANUAL_HIDDEN="1")
    told: list[Other] = []
    (tmp_path / "other.py").write_text(OTHER)
    with module.Cluster(scheduler, tmp_path, told.append) as cluster:
        cluster._tools = {**cluster.tools(), "fonts": "others"}
        with pytest.raises(CannotPrint):
            cluster.print_all([Job("a.pdf", "A", page("一"))], tmp_path / "afar")
    assert len(told) == 1


def test_nobody_at_that_address_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qmanual.pdf import cluster as module

    monkeypatch.setattr(module, "PATIENCE", 1.0)
    for address in ("tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1:9"):
        with pytest.raises(CannotPrint):
            module.Cluster(address, tmp_path, lambda other: None)


def test_differences_have_names() -> None:
    here = {"weasyprint": "70.0", "fonts": "a"}
    assert difference("w", here, dict(here)) is None
    assert difference("w", here, here | {"fonts": "b"}) == Other("w", "fonts", "a", "b")
    assert difference("w", here, {"weasyprint": "70.0"}) == Other("w", "fonts", "a", "–")
    refused = difference("w", here, ModuleNotFoundError("No module named 'qmanual'"))
    assert refused
    assert refused.what == "QManual"


def test_the_command_prints_on_a_cluster(scheduler: str, worker: Start, tmp_path: Path) -> None:
    root = write(tmp_path / "手册", SOUND)
    worker()
    words = [sys.executable, "-m", "qmanual", "--root", str(root), "--today", DAY, "--no-cache", "pdf", "--out"]
    for out, more in (("afar", ["--scheduler", scheduler]), ("here", [])):
        done = subprocess.run([*words, str(tmp_path / out), *more], env=environment(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
    assert hashes(tmp_path / "afar") == hashes(tmp_path / "here")
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        refused = [*words, str(tmp_path / "no"), "--scheduler", address]
        done = subprocess.run(refused, env=environment(), capture_output=True, check=False, timeout=90)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1, done.stderr.decode()
