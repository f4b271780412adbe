"""build.py: what it decides and says. No test here reaches the network; what takes long is replaced by fakes."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = (ROOT / "build.py").read_text(encoding="utf-8")
LOCKS = ("requirements.lock", "requirements-test.lock")
posix_only = pytest.mark.skipif(os.name == "nt", reason="exec, owners and inherited locks are POSIX's")


class Became(Exception):
    """Raised where the process would be replaced by the program."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a blank and Chinese in its path, with all that build.py reads."""
    folder = tmp_path.resolve() / "质量 手册"
    folder.mkdir()
    (folder / "build.py").write_text(SOURCE, encoding="utf-8")
    (folder / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (folder / "requirements.lock").write_text("click==8.5.1 \\\n    --hash=sha256:00\n", encoding="utf-8")
    (folder / "requirements-test.lock").write_text("pytest==9.2.0 \\\n    --hash=sha256:00\n", encoding="utf-8")
    return folder


def load(checkout: Path) -> ModuleType:
    """Import the build.py of a checkout."""
    specification = importlib.util.spec_from_file_location("build_under_test", checkout / "build.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def build(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """That build.py, in Chinese, unable to start a process or to become one."""
    module = load(checkout)

    def become(path: str, command: list[str]) -> None:
        raise Became(command)

    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError(f"started a process: {arguments}")

    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(module, "provide_libraries", lambda language: None)
    monkeypatch.setattr(module, "provide_browser", lambda language: None)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    return module


class Installer:
    """Stands for the processes of set-up: notes each command and makes what `venv` makes, or fails."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.fail = "nothing"
        self.commands: list[str] = []

    def __call__(self, command: list[str], *rest: object) -> tuple[int, str]:
        line = " ".join(command)
        self.commands.append(line)
        assert not list(self.place.glob(".qmanual-run")), "the stamp is the last thing written"
        if "-m venv" in line:
            (self.place / "bin").mkdir()
            (self.place / "bin" / "python").touch()
        return (1, "  pip's last words") if self.fail in line else (0, "")


@pytest.fixture
def installer(build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    """The fake that `build` runs its commands with."""
    fake = Installer(checkout / ".venv")
    monkeypatch.setattr(build, "run", fake)
    return fake


def put_in_step(build: ModuleType, place: Path, kind: str = "run") -> None:
    """Leave an environment as a finished set-up leaves it."""
    if not (place / "bin" / "python").exists():
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python").touch()
    for each in ("run", "test") if kind == "test" else ("run",):
        (place / f".qmanual-{each}").write_bytes(build.stamp(each))


def started(build: ModuleType, *argv: str) -> list[str]:
    """Return the command that build.py became."""
    with pytest.raises(Became) as caught:
        build.main(list(argv))
    command = caught.value.args[0]
    assert isinstance(command, list)
    return command


# Messages and arguments


def test_messages_say_the_same_in_both_languages(build: ModuleType) -> None:
    for key, (chinese, english) in build.MESSAGES.items():
        assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", english)), key
        assert re.search("[一-龥]", chinese) or key == "package"
        assert not re.search("[一-龥]", english), key


def test_every_message_is_used_and_every_used_one_exists(build: ModuleType) -> None:
    assert set(re.findall(r'(?:say\(language, |Stop\()"([^"]+)"', SOURCE)) == set(build.MESSAGES)


@pytest.mark.parametrize(
    ("argv", "environment", "language"),
    [
        ([], {}, "zh"),
        ([], {"LANG": "C.UTF-8"}, "zh"),
        ([], {"LANG": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        (["--lang", "en", "check"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["--lang=zh"], {"LANG": "en_GB"}, "zh"),
        (["--lang"], {}, "zh"),
    ],
)
def test_language(build: ModuleType, argv: list[str], environment: Mapping[str, str], language: str) -> None:
    assert build.language_of(argv, environment) == language


@pytest.mark.parametrize(
    ("argv", "command", "rest"),
    [
        ([], None, []),
        (["--yes"], None, []),
        (["pdf", "QP-7.5-01"], "pdf", ["QP-7.5-01"]),
        (["--root", "test", "--today=2026-01-01", "check", "test"], "check", ["test"]),
        (["--lang", "en", "test", "-k", "pdf"], "test", ["-k", "pdf"]),
        (["--help"], "help", []),
    ],
)
def test_command(build: ModuleType, argv: list[str], command: str | None, rest: list[str]) -> None:
    assert build.command_of(argv) == (command, rest)


def test_an_old_python_gets_one_message_in_both_languages() -> None:
    program = "import sys, runpy; sys.version_info = (3, 9, 1); runpy.run_path(sys.argv[1], run_name='__main__')"
    ended = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program, str(ROOT / "build.py")], capture_output=True, encoding="utf-8"
    )
    assert ended.returncode == 2
    assert "需要 Python 3.11" in ended.stderr and "needs Python 3.11" in ended.stderr
    assert len(ended.stderr.splitlines()) == 2


def test_an_old_python_can_read_build_py() -> None:
    ast.parse(SOURCE, feature_version=(3, 6))


def test_build_py_needs_nothing_but_python() -> None:
    tree = ast.parse(SOURCE)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    assert {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names} == {"os", "sys"}


# The usual start


@posix_only
def test_an_environment_in_step_is_used_at_once(build: ModuleType, checkout: Path) -> None:
    put_in_step(build, checkout / ".venv")
    assert started(build, "status", "QP-7.5-01") == [
        str(checkout / ".venv/bin/python"),
        *("-I", "-X", "utf8", "-m", "qmanual", "--root", str(checkout), "status", "QP-7.5-01"),
    ]


@posix_only
def test_the_usual_start_loads_no_module(checkout: Path) -> None:
    put_in_step(load(checkout), checkout / ".venv")
    program = """if True:
        import os, sys
        def become(path, command):
            print(*command[-2:], *set(sys.modules) - before)
            sys.exit()
        os.execv = become
        __file__, sys.argv[1:], before = "build.py", ["check"], set(sys.modules)
        exec(open("build.py", encoding="utf-8").read())
    """
    ended = subprocess.run([sys.executable, "-I", "-c", program], cwd=checkout, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == (f"{checkout} check\n", "")


@posix_only
def test_path_with_blank_and_chinese_other_folder_no_home(checkout: Path, tmp_path: Path) -> None:
    report = "import json, sys; print(json.dumps([sys.argv[1:], sys.flags.isolated, sys.flags.utf8_mode]))"
    place = checkout / ".venv"
    venv.create(place, with_pip=False)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "qmanual").mkdir()
    (packages / "qmanual" / "__main__.py").write_text(report)
    (packages / "pytest.py").write_text(report.replace("]))", ", os.environ.get('PYTHONPATH'), os.getcwd()]))"))
    (packages / "pytest.py").write_text("import os\n" + (packages / "pytest.py").read_text())
    put_in_step(load(checkout), place, "test")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "/nowhere", "PYTHONSAFEPATH": "1", "LC_ALL": "C"}
    command = [sys.executable, str(checkout / "build.py")]
    ended = subprocess.run([*command, "check", "a b"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert json.loads(ended.stdout) == [["--root", str(checkout), "check", "a b"], 1, 1]
    ended = subprocess.run([*command, "test", "-x"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert json.loads(ended.stdout) == [["-x"], 1, 1, None, str(checkout)]


@posix_only
def test_tests_run_on_two_cores_unless_told_otherwise(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.parent)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    put_in_step(build, checkout / ".venv", "test")
    assert started(build, "test")[-3:] == ["pytest", "-n", "2"]
    assert started(build, "test", "tests/test_setup.py")[-2:] == ["pytest", "tests/test_setup.py"]


# Set-up


@posix_only
def test_first_start(
    build: ModuleType, checkout: Path, installer: Installer, capsys: pytest.CaptureFixture[str]
) -> None:
    started(build, "check")
    make, packages, itself = installer.commands
    assert make.endswith(f"-m venv {checkout / '.venv'}")
    assert "--require-hashes" in packages and packages.endswith("requirements.lock")
    assert "--no-index" in itself and itself.endswith(f"--editable {checkout}")
    printed = capsys.readouterr()
    assert "1/3" in printed.err and "安装 1 个软件包" in printed.err and printed.out == ""
    assert started(build, "check") and len(installer.commands) == 3


@posix_only
@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_change_is_installed_on_top(build: ModuleType, checkout: Path, installer: Installer, changed: str) -> None:
    put_in_step(build, checkout / ".venv")
    with (checkout / changed).open("a") as file:
        file.write("# changed\n")
    started(build, "check")
    assert len(installer.commands) == 2 and "venv" not in installer.commands[0].split(" -m ")[1].split()
    started(build, "check")
    assert len(installer.commands) == 2


@posix_only
def test_a_moved_checkout_gets_a_new_environment(build: ModuleType, checkout: Path, installer: Installer) -> None:
    put_in_step(build, checkout / ".venv")
    stamp = checkout / ".venv" / ".qmanual-run"
    stamp.write_bytes(stamp.read_bytes().replace("质量".encode(), "品质".encode()))
    started(build, "check")
    assert len(installer.commands) == 3


@posix_only
def test_another_python_gets_a_new_environment(
    build: ModuleType, checkout: Path, installer: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_step(build, checkout / ".venv")
    monkeypatch.setattr(sys, "version", "3.99.0")
    started(build, "check")
    assert len(installer.commands) == 3


@posix_only
def test_a_half_made_environment_is_made_anew(build: ModuleType, checkout: Path, installer: Installer) -> None:
    half = checkout / ".venv"
    (half / "lib" / "half").mkdir(parents=True)
    (half / "lib64").symlink_to("lib")
    (half / "pyvenv.cfg").touch()
    started(build, "check")
    assert sorted(path.name for path in half.iterdir()) == [".qmanual-lock", ".qmanual-run", "bin"]


@posix_only
def test_an_environment_whose_python_is_gone_is_made_anew(
    build: ModuleType, checkout: Path, installer: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_step(build, checkout / ".venv")
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/bin/python").symlink_to("/gone/python3")

    def become(path: str, command: list[str]) -> None:
        raise Became(command) if Path(path).exists() else FileNotFoundError(path)

    monkeypatch.setattr(os, "execv", become)
    started(build, "check")
    assert len(installer.commands) == 3


@posix_only
def test_what_serves_the_tests_serves_the_program(build: ModuleType, checkout: Path, installer: Installer) -> None:
    put_in_step(build, checkout / ".venv")
    build.set_up("test", build.stamp("test"), "zh")
    assert installer.commands[0].endswith("requirements-test.lock") and len(installer.commands) == 2
    started(build, "check")
    assert len(installer.commands) == 2


@posix_only
@pytest.mark.parametrize(("step", "said"), [("-m venv", "无法建立虚拟环境"), ("--require-hashes", "请检查网络连接")])
def test_a_failure_is_told_with_its_remedy(
    build: ModuleType, installer: Installer, capsys: pytest.CaptureFixture[str], step: str, said: str
) -> None:
    installer.fail = step
    assert build.main(["check"]) == 2
    printed = capsys.readouterr().err
    assert said in printed and "pip's last words" in printed and "Traceback" not in printed
    assert not list(installer.place.glob(".qmanual-run"))


def test_ctrl_c_is_quiet(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "start", interrupt)
    assert build.main(["check"]) == 130
    assert capsys.readouterr().err == ""


@posix_only
def test_debian_without_venv(
    build: ModuleType, installer: Installer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(build, "can_apt", lambda: False)
    assert build.main(["check"]) == 2
    package = f"python3.{sys.version_info.minor}-venv"
    assert f"sudo apt-get install {package}" in capsys.readouterr().err
    monkeypatch.setattr(build, "can_apt", lambda: True)
    started(build, "check")
    assert installer.commands[0] == f"apt-get install -y --no-install-recommends {package}"


@posix_only
def test_the_package_is_found_in_any_locale(build: ModuleType, checkout: Path, installer: Installer) -> None:
    packages = checkout / ".venv" / "lib" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "_qmanual.pth").write_text(f"{checkout}/plugins\n", encoding="utf-8")
    (packages / "other.pth").write_text("/somewhere\n")
    build.install_self(str(checkout / ".venv"), 0)
    line = (packages / "_qmanual.pth").read_text(encoding="ascii")
    path = list(sys.path)
    try:
        exec(line)
        assert sys.path[-1] == f"{checkout}/plugins"
    finally:
        sys.path[:] = path
    assert (packages / "other.pth").read_text() == "/somewhere\n"


@posix_only
def test_a_set_up_that_outlives_its_start_is_waited_for(checkout: Path) -> None:
    import fcntl

    build = load(checkout)
    _, lock = build.claim("zh")
    other = os.open(checkout / ".venv" / ".qmanual-lock", os.O_RDWR)

    def start_dies(line: str) -> None:
        os.close(lock)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (checkout / "seen").touch()

    grandchild = "import os, time; print('up', flush=True)\nwhile not os.path.exists('seen'): time.sleep(0.01)"
    child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {grandchild!r}], cwd=sys.argv[1])"
    assert build.run([sys.executable, "-c", child, str(checkout)], dict(os.environ), lock, start_dies) == (0, "  up")
    fcntl.flock(other, fcntl.LOCK_EX)
    os.close(other)


# Where the environment goes


@posix_only
def test_a_read_only_checkout_uses_the_cache(
    build: ModuleType, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / ".venv").touch()  # a file in its place cannot be written into, not even by root
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    beside, cache, _ = build.places()
    assert beside == str(checkout / ".venv") and cache.startswith(str(tmp_path / "cache" / "qmanual"))
    place, lock = build.claim("zh")
    assert place == cache
    os.close(lock)
    put_in_step(build, Path(cache))
    assert f"pycache_prefix={cache}/pycache" in started(build, "check")


@posix_only
def test_without_a_cache_a_private_temp_folder(
    build: ModuleType,
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (checkout / ".venv").touch()
    (tmp_path / "cache").touch()
    (tmp_path / "temp").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    place, lock = build.claim("zh")
    os.close(lock)
    assert Path(place).parent == tmp_path / "temp" / f"qmanual-{os.getuid()}"
    assert Path(place).parent.stat().st_mode & 0o777 == 0o700
    put_in_step(build, Path(place))
    assert started(build, "check")[0] == f"{place}/bin/python"
    Path(place).parent.chmod(0o777)  # now anybody may have put that environment there
    assert build.main(["check"]) == 2
    assert "XDG_CACHE_HOME" in capsys.readouterr().err


@pytest.mark.parametrize("home", [None, ""])
def test_no_home(build: ModuleType, monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(build, "start", lambda *_: 0)
    assert build.main(["check"]) == 0
    assert "HOME" not in os.environ
    assert all(Path(place).is_absolute() and not place.startswith("/.cache") for place in build.places())


def test_a_user_whom_the_system_does_not_know(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert len(list(build.places())) == 2 and all(Path(place).is_absolute() for place in build.places())


def test_nothing_leads_set_up_elsewhere(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("PIP_INDEX_URL", "mirror")
    variables = build.environment()
    assert "/nowhere" not in variables.values() and variables["PIP_INDEX_URL"] == "mirror"


# System libraries and browser


@pytest.mark.parametrize(("platform", "ending"), [("linux", ".so."), ("darwin", ".dylib"), ("win32", ".dll")])
def test_missing_libraries_are_named(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, platform: str, ending: str
) -> None:
    asked = []

    def no_subset(name: str, file: str) -> None:
        asked.append(file)
        if "subset" in file:
            raise OSError(file)

    monkeypatch.setattr(sys, "platform", platform)
    assert build.missing_libraries(no_subset) == ["harfbuzz-subset"]
    assert len(asked) == 6 and all(ending in file for file in asked)


def test_libraries_are_those_that_weasyprint_opens(build: ModuleType) -> None:
    specification = importlib.util.find_spec("weasyprint")
    assert specification is not None and specification.origin is not None
    ffi = (Path(specification.origin).parent / "text" / "ffi.py").read_text(encoding="utf-8")
    for _, *files in build.LIBRARIES:
        assert all(f"'{file}'" in ffi for file in files)
    opened = {name for name in re.findall(r"^(\w+) = _dlopen", ffi, re.MULTILINE) if name != "harfbuzz_vector"}
    assert opened == {name.split("-1.0")[0].split("-2.0")[0].replace("-", "_") for name, *_ in build.LIBRARIES}


@pytest.mark.parametrize("argv", [[], ["pdf", "QP-7.5-01"], ["test"]])
def test_without_libraries(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    build = load(checkout)
    monkeypatch.setattr(build, "missing_libraries", lambda load: ["pango-1.0"])
    monkeypatch.setattr(build, "can_apt", lambda: False)
    assert build.main(argv) == 2
    printed = capsys.readouterr().err
    for remedy in ("pango-1.0", "apt-get install", "dnf install", "brew install", "WEASYPRINT_DLL_DIRECTORIES"):
        assert remedy in printed


def test_root_on_debian_installs_what_is_missing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = load(checkout)
    missing, commands = ["harfbuzz-subset"], []

    def run(command: list[str], variables: dict[str, str]) -> tuple[int, str]:
        commands.append(" ".join(command[:2]))
        if commands[-1] == "apt-get install" and commands.count("apt-get update"):
            missing.clear()
            return 0, ""
        return (100, "lists are old") if commands[-1] == "apt-get install" else (0, "")

    monkeypatch.setattr(build, "missing_libraries", lambda load: missing)
    monkeypatch.setattr(build, "can_apt", lambda: True)
    monkeypatch.setattr(build, "run", run)
    build.provide_libraries("en")
    assert commands == ["apt-get install", "apt-get update", "apt-get install"]
    assert "libharfbuzz-subset0" in capsys.readouterr().err


def test_commands_that_print_nothing_need_no_library(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> None:
    monkeypatch.setattr(build, "provide_libraries", lambda language: pytest.fail("looked for libraries"))
    monkeypatch.setattr(build, "start", lambda *_: 0)
    assert [build.main([command]) for command in ("check", "status", "register", "--help")] == [0, 0, 0, 0]


def test_without_a_browser(checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    build = load(checkout)
    monkeypatch.setattr(build, "provide_libraries", lambda language: None)
    monkeypatch.setattr(build, "can_apt", lambda: False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert build.main(["test"]) == 2
    assert "chromium" in capsys.readouterr().err


# Lock files


def pinned(name: str) -> dict[str, list[str]]:
    """Return the packages of a lock file with what is said of each: versions, markers, hashes."""
    packages: dict[str, list[str]] = {}
    text = "\n".join(line for line in (ROOT / name).read_text().splitlines() if not line.lstrip().startswith("#"))
    for entry in text.replace("\\\n", " ").splitlines():
        package, _, rest = entry.partition("==")
        packages.setdefault(package.strip(), []).append(rest)
    return packages


def _unmarked(entry: str) -> str:
    version, *hashes = re.split(r"\s+(?=--hash)", entry)
    return " ".join([version.partition(";")[0].strip(), *(one.strip() for one in hashes)])


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(name: str) -> None:
    packages = pinned(name)
    assert len(packages) > 40
    for package, entries in packages.items():
        assert re.fullmatch(r"[a-z0-9-]+", package), package
        for entry in entries:
            assert re.match(r"[0-9][\w.]* .*--hash=sha256:[0-9a-f]{64}", entry), package


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_name_no_host_and_no_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"://|index-url http|find-links|(?:^|\s)/\w+/", text)


def test_locks_agree_with_each_other_and_with_the_project() -> None:
    """The same versions with the same hashes; what the tests need may be wanted on more versions of Python."""
    run, test = pinned(LOCKS[0]), pinned(LOCKS[1])
    plain = [{name: [_unmarked(one) for one in found] for name, found in lock.items()} for lock in (run, test)]
    assert {package: plain[1].get(package) for package in run} == plain[0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["setup"]]
    for names, lock in ((wanted, run), (project["project"]["optional-dependencies"]["test"], test)):
        assert {re.split(r"[^\w-]", name)[0].lower().replace("_", "-") for name in names} <= set(lock)
