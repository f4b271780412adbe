"""The house keeps its own rules: style, types, layers, and who may know what (docs/architecture.md)."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "plugins" / "qmanual"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
SCRIPTS = sorted(path for folder in ("tools", "benchmarks") for path in (ROOT / folder).glob("*.py"))

LIMIT = 300
RULES_LIMIT = 600
LONG = {
    "build.py": "one file on purpose: it runs before anything is installed, and before every command",
    "parse/body.py": "one pass over the text; what it blanks out decides what it finds",
    "render/site.py": "one short function a kind of page",
}
"""Module → why it is longer than the limit. Modules of rules, mostly text and examples, have a limit of their own."""

KNOWN_TO = {
    "click": {"cli/"},
    "mkdocs": {"plugin.py"},
    "weasyprint": {
        "pdf/printer.py",
        "pdf/justify.py",
        "pdf/ruling.py",
        "pdf/spared.py",
        "pdf/styles.py",
        "pdf/tags.py",
        "pdf/tools.py",
        "pdf/widgets.py",
    },
    "openpyxl": {"office.py", "office_forms/"},
    "subprocess": {"git/", "search.py", "signer.py"},
    "cryptography": {"signing/", "seal/"},
    "pyhanko": {"seal/"},
    "pyhanko_certvalidator": {"seal/"},
    "asn1crypto": {"seal/"},
    "pkcs11": {"seal/"},
    "keyring": {"seal/"},
    "rfc3161_client": {"signing/"},
}
"""What only these modules may import; `x/` stands for a whole room."""

NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
MACHINE = re.compile(r"(?<![\w.~/\-$}>*:])/(?:home|Users|root|work|tmp|mnt)/\w")


def name(path: Path) -> str:
    inside = path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT)
    return inside.as_posix()


def imported(path: Path) -> Iterator[str]:
    """The top-level names of the packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def files() -> list[Path]:
    """Every file of the repository that is, or is about to be, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    except OSError:
        return []
    return [place for path in done.stdout.decode().split("\0") if path and (place := ROOT / path).is_file()]


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=["ruff", "format", "mypy"],
)
def test_tool_is_content(command: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_layers_hold() -> None:
    start = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", start], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS, ROOT / "build.py"], ids=name)
def test_module_is_not_too_long(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    limit = RULES_LIMIT if path.parent.name == "checks" else LIMIT
    assert lines <= limit or name(path) in LONG, f"{lines} lines: split it, or say in LONG why not"


def test_long_modules_exist() -> None:
    assert set(LONG) <= {name(path) for path in (*MODULES, ROOT / "build.py")}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_module_says_why_it_exists(path: Path) -> None:
    assert path.stem not in NAMES
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("package", KNOWN_TO)
def test_known_in_one_room_only(package: str) -> None:
    users = {name(path) for path in MODULES if package in imported(path)}
    assert {user for user in users if not user.startswith(tuple(KNOWN_TO[package]))} == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_lock_file_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url|--find-links", text) == []
    assert "--hash=sha256:" in text


def test_no_path_of_a_machine() -> None:
    found = []
    for path in files():
        data = path.read_bytes()
        if b"\0" in data[:8000] or path == Path(__file__).resolve():
            continue
        lines = data.decode("utf-8", "replace").split("\n")
        found += [
            f"{name(path)}:{at}: {line.strip()[:100]}" for at, line in enumerate(lines, 1) if MACHINE.search(line)
        ]
    assert found == []


def test_package_is_the_one_of_this_checkout() -> None:
    found = importlib.util.find_spec("qmanual")
    assert found and found.origin and Path(found.origin).resolve().is_relative_to(PACKAGE)
