"""MkDocs with the plugin: `mkdocs build` makes what `build.py site` makes; serving follows every change."""

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disk import DAY, Done, environment, hashes, write

from qmanual.checks.example import SOUND

Cli = Callable[..., Done]

OWN = f"site_name: 样例公司质量手册\ndocs_dir: manual\nextra: {{qmanual_today: {DAY}}}\nplugins:\n  - qmanual\n"


def mkdocs(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mkdocs", *words]
    return subprocess.run(command, cwd=root, env=environment(), capture_output=True, check=False)


def test_mkdocs_build_makes_the_same_site(built: tuple[Path, Path], tmp_path: Path) -> None:
    """All files, and every byte but the links to the PDFs and their list, which only the main job has."""
    root, dist = built
    copy = tmp_path / "copy"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("dist"))
    write(copy, {"mkdocs.yml": OWN})
    done = mkdocs(copy, "build", "-q", "-d", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr.decode()
    whole = {name: one for name, one in hashes(dist / "site").items() if not name.startswith("pdf/")}
    made = hashes(tmp_path / "site")
    assert made.keys() == whole.keys()
    different = {name for name in made if made[name] != whole[name]}
    assert different - {"assets/qmanual/issued.js"} <= {
        name for name in whole if ".pdf" in (dist / "site" / name).read_text("utf-8", "replace")
    }


def test_sitemap_only_with_an_address(built: tuple[Path, Path]) -> None:
    _, dist = built
    assert not (dist / "site" / "sitemap.xml").exists()


def test_site_holds_no_source_text(built: tuple[Path, Path]) -> None:
    """Only pages and pictures are published: not the company's data, not a Markdown file, not the settings."""
    _, dist = built
    assert [name for name in hashes(dist / "site") if name.endswith((".md", ".yml", ".yaml", ".py"))] == []


def test_mkdocs_names_the_findings(manual: Path, tmp_path: Path) -> None:
    write(
        manual, {"mkdocs.yml": OWN, "procedures/QP-7.5-01.md": SOUND["procedures/QP-7.5-01.md"] + "\n[x](missing.md)\n"}
    )
    done = mkdocs(manual, "build", "-d", str(tmp_path / "site"))
    assert b"procedures/QP-7.5-01.md:44 QM411" in done.stderr


@pytest.mark.parametrize(
    "settings",
    [
        "site_name: 手册\nplugins: [qmanual]\n",
        "site_name: 手册\n",
        "site_name: 手册\ntheme: readthedocs\nuse_directory_urls: true\nnav: [{a: nowhere.md}]\nplugins: [qmanual]\n",
    ],
    ids=["no docs_dir", "no plugin", "another theme and addresses"],
)
def test_site_needs_little_of_mkdocs_yml(cli: Cli, manual: Path, settings: str) -> None:
    write(manual, {"mkdocs.yml": settings})
    done = cli("site")
    assert done.code == 0, done.err
    assert "手册" in (manual / "dist/site/procedures/QP-7.5-01.html").read_text(encoding="utf-8")


def test_site_without_mkdocs_yml(cli: Cli, manual: Path) -> None:
    (manual / "mkdocs.yml").unlink()
    assert cli("site").code == 0


@pytest.mark.parametrize(
    "settings",
    [
        "hooks: [mark.py]\n",
        "theme: {name: material, custom_dir: overrides}\n",
        "extra: {x: !!python/object/apply:mark.leave []}\n",
        "plugins: [qmanual, nowhere]\nstrict: true\n",
    ],
    ids=["hook", "template", "Python object", "other plugin"],
)
def test_nothing_that_a_repository_names_is_run(cli: Cli, manual: Path, settings: str) -> None:
    leave = "from pathlib import Path\n\ndef leave():\n    Path(__file__).with_name('MARK').touch()\n\nleave()\n"
    write(manual, {"mkdocs.yml": settings, "mark.py": leave, "overrides/main.html": "MARK"})
    done = cli("site")
    assert done.code == 0, done.out + done.err
    assert not (manual / "MARK").exists()
    assert "MARK" not in (manual / "dist/site/index.html").read_text("utf-8")


def test_a_broken_mkdocs_yml_is_a_finding(cli: Cli, manual: Path) -> None:
    write(manual, {"mkdocs.yml": "site_name: [\n"})
    done = cli("site")
    assert (done.code, "QM901" in done.out) == (1, True)


def test_site_of_an_empty_folder_is_refused_with_what_to_do(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "neu").mkdir()
    done = cli("site", root=tmp_path / "neu")
    assert done.code == 2
    assert "procedures" in done.err and "--root" in done.err
    assert list((tmp_path / "neu").iterdir()) == []


# -- serving -----------------------------------------------------------------------------------------------------


class Served:
    """A site being served: `get` fetches a page until it holds a text."""

    def __init__(self, root: Path, port: int) -> None:
        self.root, self.port = root, port

    def get(self, path: str, holds: str = "") -> str:
        until = time.monotonic() + 60
        text = ""
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=5) as answer:
                    text = answer.read().decode("utf-8")
            except (urllib.error.URLError, OSError):
                text = ""
            if text and holds in text:
                return text
            time.sleep(0.2)
        raise AssertionError(f"{holds!r} never came: {text[:500]}")


@pytest.fixture
def served(manual: Path) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--root", str(manual), "--today", DAY, "--lang", "zh", "serve", "--port", str(port)]
    command = [sys.executable, "-m", "qmanual", *words]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Served(manual, port)
    finally:
        process.terminate()
        process.wait(20)


def test_served_page_follows_a_change_and_shows_the_finding(served: Served) -> None:
    page = "procedures/QP-7.5-01.html"
    before = served.get(page, "文件控制程序")
    assert "QM411" not in before
    file = served.root / "procedures/QP-7.5-01.md"
    file.write_text(file.read_text(encoding="utf-8") + "\n新加的一段，见[说明](missing.md)。\n", encoding="utf-8")
    after = served.get(page, "新加的一段")
    assert "QM411" in after
    assert re.search(r"missing\.md", after)
    assert "dist" not in {path.name for path in served.root.iterdir()}


def test_port_in_use_is_named(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = cli("serve", "--port", port)
    assert done.code == 2
    assert port in done.err.splitlines()[-1] and "--port" in done.err
