"""The command line of QManual: `python3 build.py [COMMAND …]`.

This file only prepares the ground: a virtual environment from the lock file, the libraries that print PDFs, a browser
for the tests. Then it becomes the program, `python -m qmanual`. It runs before anything is installed, so it uses the
standard library alone, and it runs before every command, so whatever set-up alone needs is imported where it is used.
Its syntax is that of Python 3.6, so that an old Python reads the message below instead of showing a SyntaxError.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.stderr.write(
        f"需要 Python 3.11 或更高版本，现在运行的是 {sys.version.split()[0]}：{sys.executable}\n"
        f"QManual needs Python 3.11 or newer. This is {sys.version.split()[0]}: {sys.executable}\n"
    )
    sys.exit(2)

TYPE_CHECKING = False  # importing typing would cost more than all that the usual start does
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HERE = os.path.dirname(os.path.realpath(__file__))
LOCKS = {"run": ["requirements.lock"], "test": ["requirements.lock", "requirements-test.lock"]}
VALUE_OPTIONS = ("--root", "--today", "--lang", "--out")  # options before the command that take the next word
PRINTING = (None, "build", "pdf", "demo", "test")  # commands that print PDFs; None is the main job
TOOLS = (("ssh-keygen", "openssh-client"), ("openssl", "openssl"))  # commands of the tests, and their Debian packages
WELCOME = (("softhsm2-util", "softhsm2"), ("pdfsig", "poppler-utils"))  # tests that lack them are skipped, and say so
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# What WeasyPrint opens (weasyprint/text/ffi.py): name, then the file on Linux, macOS, Windows. It would start without
# the subset library, and then take 45 times as long for a page of Chinese.
LIBRARIES = (
    ("gobject-2.0", "libgobject-2.0.so.0", "libgobject-2.0.0.dylib", "libgobject-2.0-0.dll"),
    ("pango-1.0", "libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    ("pangoft2-1.0", "libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
    ("harfbuzz", "libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0.dll"),
    ("harfbuzz-subset", "libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"),
    ("fontconfig", "libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"),
)
DEBIAN_LIBRARIES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "libfontconfig1", "libglib2.0-0")
INSTALL_LIBRARIES = """\
  Debian, Ubuntu:  sudo apt-get install {debian}
  Fedora:          sudo dnf install pango harfbuzz fontconfig
  macOS:           brew install pango
  Windows (MSYS2): pacman -S mingw-w64-ucrt-x86_64-pango
                   setx WEASYPRINT_DLL_DIRECTORIES C:\\msys64\\ucrt64\\bin""".format(debian=" ".join(DEBIAN_LIBRARIES))
INSTALL_BROWSER = """\
  Debian:          sudo apt-get install chromium
  Fedora:          sudo dnf install chromium
  macOS, Windows:  chromium, chromium-browser, google-chrome → PATH"""

MESSAGES = {  # key: (Chinese, English)
    "begin": ("正在准备运行环境：{place}", "Setting up: {place}"),
    "venv": ("  1/3 建立 Python 虚拟环境", "  1/3 creating the virtual environment"),
    "packages": ("  2/3 安装 {total} 个软件包", "  2/3 installing {total} packages"),
    "package": ("      {done}/{total} {name}", "      {done}/{total} {name}"),
    "self": ("  3/3 安装 QManual", "  3/3 installing QManual"),
    "ready": ("准备完成。", "Ready."),
    "waiting": ("另一个窗口正在准备运行环境，请稍候……", "Another start is setting up; waiting for it …"),
    "apt": ("正在用 apt-get 安装系统软件包：{packages}", "Installing system packages with apt-get: {packages}"),
    "apt failed": ("apt-get 安装失败。输出的最后几行：\n{tail}", "apt-get failed. The last lines it printed:\n{tail}"),
    "no venv module": (
        "这个 Python 缺少 venv/ensurepip 模块：{python}\n请先运行：{command}",
        "This Python lacks the venv/ensurepip module: {python}\nFirst run: {command}",
    ),
    "venv failed": (
        "无法建立虚拟环境。输出的最后几行：\n{tail}",
        "The virtual environment could not be made. The last lines printed:\n{tail}",
    ),
    "pip failed": (
        "软件包安装失败。pip 输出的最后几行：\n{tail}\n"
        "请检查网络连接和代理设置（公司有内部镜像时：pip config set global.index-url 镜像地址），然后重新运行。",
        "Installing the packages failed. The last lines that pip printed:\n{tail}\n"
        "Check the network and the proxy (a mirror: pip config set global.index-url ADDRESS), then run this again.",
    ),
    "no libraries": (
        "打印 PDF 所需的系统库缺失：{names}\n请按所用系统运行以下命令，然后重新运行：\n{commands}",
        "Libraries that print PDFs are missing: {names}\nRun what your system needs, then start again:\n{commands}",
    ),
    "no browser": (
        "测试需要 Chromium 浏览器，PATH 中没有找到：{names}\n{commands}",
        "The tests need a Chromium browser; none of these is on PATH: {names}\n{commands}",
    ),
    "no tools": (
        "测试需要的程序在 PATH 中没有找到：{names}\n请先安装 OpenSSH 和 OpenSSL。",
        "Programs that the tests need are not on PATH: {names}\nInstall OpenSSH and OpenSSL first.",
    ),
    "no place": (
        "没有可写的位置来放置运行环境，已尝试：\n{places}\n请把 XDG_CACHE_HOME 设为一个可写的文件夹。",
        "There is no writable place for the environment. Tried:\n{places}\nSet XDG_CACHE_HOME to a writable folder.",
    ),
    "system": ("无法准备运行环境：{error}", "Setting up failed: {error}"),
}


class Stop(Exception):
    """Set-up cannot go on; the arguments are a key of MESSAGES and the values for it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def main(argv: "list[str]") -> int:
    """Prepare what the command needs and become it; the exit code is the program's, 2 where it cannot run."""
    language = language_of(argv, os.environ)
    command, rest = command_of(argv)
    if not os.environ.get("HOME"):
        os.environ.pop("HOME", None)  # an empty one would make /.cache the user's cache
    try:
        if command in PRINTING:
            provide_libraries(language)
        if command == "test":
            provide_browser(language)
            provide_tools(language)
            return start("test", ["pytest", *(rest or ["-n", "2"])], language)
        return start("run", ["qmanual", "--root", HERE, *argv], language)
    except Stop as stop:
        say(language, stop.key, **stop.values)
    except KeyboardInterrupt:
        return 130
    except OSError as error:  # a full disk, a folder that vanished: the system's own words say it best
        say(language, "system", error=error)
    return 2


def language_of(argv: "list[str]", environment: "Mapping[str, str]") -> str:
    """Return "zh" or "en": --lang, then the locale, and Chinese where neither says."""
    for number, word in enumerate(argv):
        if word.startswith("--lang="):
            return "en" if word[7:] == "en" else "zh"
        if word == "--lang" and number + 1 < len(argv):
            return "en" if argv[number + 1] == "en" else "zh"
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "en" if locale.startswith("en") else "zh"


def command_of(argv: "list[str]") -> "tuple[str | None, list[str]]":
    """Return the command and what follows it; None is the main job, "help" whatever only prints a text."""
    words = iter(enumerate(argv))
    for number, word in words:
        if word in ("--help", "--version"):
            return "help", []
        if word in VALUE_OPTIONS:
            next(words, None)
        elif not word.startswith("-"):
            return word, argv[number + 1 :]
    return None, []


def say(language: str, key: str, **values: object) -> None:
    """Print a message to standard error: standard output belongs to the command, `register --format json > file`."""
    line = MESSAGES[key][language == "en"].format(**values)
    sys.stderr.write(line + ("\x1b[K\r" if key == "package" else "\n"))  # progress overwrites itself
    sys.stderr.flush()


def start(kind: str, module: "list[str]", language: str) -> int:
    """Run a module in the environment for `kind`, setting it up first unless it is in step with the lock file."""
    wanted = stamp(kind)
    for place in places():
        if read(stamp_path(place, kind)) == wanted and trusted(place):
            try:
                return become(place, kind, module)
            except OSError:  # the Python that it was made with is gone
                break
    return become(set_up(kind, wanted, language), kind, module)


def become(place: str, kind: str, module: "list[str]") -> int:
    """Replace this process by the environment's Python, shielded from PYTHON* variables and the current folder."""
    command = [interpreter(place), "-I", "-X", "utf8"]
    if os.path.dirname(place) != HERE:  # then the checkout cannot be written, and Python would compile it every time
        command += ["-X", "pycache_prefix=" + os.path.join(place, "pycache")]
    command += ["-m", *module]
    if kind == "test":
        os.chdir(HERE)
        os.environ.update({"PYTHONUTF8": "1"})
        for name in [name for name in os.environ if name.startswith("PYTHON") and name != "PYTHONUTF8"]:
            del os.environ[name]
    if os.name != "nt":
        os.execv(command[0], command)
    import subprocess  # on Windows exec starts a second process, and the shell does not wait for it

    return subprocess.call(command)


def places() -> "Iterator[str]":
    """Where the environment may be, best first: beside this file, in the user's cache, in the temp folder."""
    yield os.path.join(HERE, ".venv")
    import hashlib

    key = hashlib.sha256(os.fsencode(HERE)).hexdigest()[:16]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if os.path.isabs(cache):  # a user whom the system does not know has no home: "~" stays as it is
        yield os.path.join(cache, "qmanual", key)
    yield os.path.join(temporary(), key)


def temporary() -> str:
    """Name this user's own folder in the temp folder, which others can write too."""
    import tempfile

    return os.path.join(tempfile.gettempdir(), "qmanual" if sys.platform == "win32" else f"qmanual-{os.getuid()}")


def trusted(place: str) -> bool:
    """Whether nobody else can have put a program there: in the temp folder, anybody may have made the folder first."""
    if sys.platform == "win32" or os.path.dirname(place) == HERE or os.path.dirname(place) != temporary():
        return True
    folder = os.lstat(os.path.dirname(place))
    return folder.st_uid == os.getuid() and folder.st_mode & 0o170077 == 0o040000


def interpreter(place: str) -> str:
    """Return the path of an environment's Python."""
    return os.path.join(place, "Scripts", "python.exe") if os.name == "nt" else os.path.join(place, "bin", "python")


def stamp_path(place: str, kind: str) -> str:
    """Return the path of the file that says what an environment was made from. It is the last to be written."""
    return os.path.join(place, ".qmanual-" + kind)


def identity() -> bytes:
    """Return what an environment cannot outlive: this very Python, and where the checkout is."""
    return os.fsencode("\n".join([sys.version, sys.base_prefix, HERE])) + b"\0"


def stamp(kind: str) -> bytes:
    """Return all that an environment of `kind` is made from; comparing the bytes is quicker than hashing them."""
    return identity() + b"\0".join(read(os.path.join(HERE, name)) for name in ["pyproject.toml", *LOCKS[kind]])


def read(path: str) -> bytes:
    """Return a file's bytes, none for a file that cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


# From here on: set-up only.


def set_up(kind: str, wanted: bytes, language: str) -> str:
    """Make or mend the environment and return its folder; the next start repairs whatever interrupts this one."""
    place, lock = claim(language)
    try:
        # If this start had to wait for another one, the work may be done.
        if read(stamp_path(place, kind)) != wanted or not os.path.exists(interpreter(place)):
            install(place, kind, lock, language)
    finally:
        os.close(lock)
    return place


def install(place: str, kind: str, lock: int, language: str) -> None:
    """Bring the environment in step with the lock file, and say so in its stamps as the very last thing.

    With a stamp it was finished once, and installing on top is enough. Without one anything may be half written, and
    pip would take a half-written package for an installed one.
    """
    say(language, "begin", place=place)
    finished = read(stamp_path(place, "run")).startswith(identity()) and os.path.exists(interpreter(place))
    for each in LOCKS:
        if os.path.exists(stamp_path(place, each)):
            os.remove(stamp_path(place, each))
    if not finished:
        say(language, "venv")
        make_environment(place, lock, language)
    install_packages(place, LOCKS[kind][-1], lock, language)
    say(language, "self")
    install_self(place, lock)
    for each in LOCKS:
        if set(LOCKS[each]) <= set(LOCKS[kind]):  # what serves the tests serves the program
            with open(stamp_path(place, each), "wb") as file:
                file.write(stamp(each))
    say(language, "ready")


def claim(language: str) -> "tuple[str, int]":
    """Return the first folder that can be written, and the descriptor of its lock, held until all of us have ended.

    Child processes get it as their standard input, and hand that on to their own: pip may outlive a set-up that was
    killed, and the next one has to wait for it.
    """
    tried = []
    for place in places():
        try:
            if os.path.dirname(place) == temporary():
                os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
            os.makedirs(place, exist_ok=True)
            lock = os.open(os.path.join(place, ".qmanual-lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError:
            tried.append("  " + place)
            continue
        if trusted(place):
            hold(lock, language)
            return place, lock
        os.close(lock)
        tried.append("  " + place)
    raise Stop("no place", places="\n".join(tried))


def hold(lock: int, language: str) -> None:
    """Lock a file, waiting for whoever has it."""
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                return msvcrt.locking(lock, msvcrt.LK_LOCK, 1)  # tries for ten seconds
            except OSError:
                say(language, "waiting")
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(language, "waiting")
        fcntl.flock(lock, fcntl.LOCK_EX)


def make_environment(place: str, lock: int, language: str) -> None:
    """Make an empty environment where `place` is, whatever it holds now."""
    import importlib.util
    import shutil

    for name in os.listdir(place):
        path = os.path.join(place, name)
        if name != ".qmanual-lock":
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        package = "python{}.{}-venv".format(*sys.version_info)
        if not (can_apt() and apt_install([package], language)):
            raise Stop("no venv module", python=sys.executable, command="sudo apt-get install " + package)
    python = getattr(sys, "_base_executable", None) or sys.executable  # not an environment's own, which may be this one
    code, tail = run([python, "-I", "-X", "utf8", "-m", "venv", place], environment(), lock)
    if code:
        raise Stop("venv failed", tail=tail)


def install_packages(place: str, lock_file: str, lock: int, language: str) -> None:
    """Install what a lock file names, each package checked against its hash; wheels only, nothing is compiled here."""
    path = os.path.join(HERE, lock_file)
    total = sum(line[:1].isalnum() for line in read(path).decode().splitlines())
    say(language, "packages", total=total)
    done = 0

    def watch(line: str) -> None:
        nonlocal done
        if line.startswith(("Collecting ", "Requirement already satisfied: ", "Ignoring ")):
            done += 1
            if sys.stderr.isatty():
                name = line.split(": ")[-1].replace("Collecting ", "").replace("Ignoring ", "").split("==")[0]
                say(language, "package", done=done, total=total, name=name)

    command = [interpreter(place), "-I", "-X", "utf8", "-m", "pip", "install", "--require-hashes", "--no-deps"]
    command += ["--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    code, tail = run([*command, "-r", path], environment(), lock, watch)
    if code:
        raise Stop("pip failed", tail=tail)


def install_self(place: str, lock: int) -> None:
    """Install the checkout itself as an editable package, so that MkDocs too finds the plugin.

    The package's build back end comes from the lock file, and it writes nothing into the checkout. No setting of the
    user's pip applies here: nothing is fetched.
    """
    bare = {name: value for name, value in environment().items() if not name.startswith("PIP_")}
    command = [interpreter(place), "-I", "-X", "utf8", "-m", "pip", "install", "--no-index", "--no-deps"]
    command += ["--no-build-isolation", "--disable-pip-version-check", "--force-reinstall", "--editable", HERE]
    code, tail = run(command, {**bare, "PIP_CONFIG_FILE": os.devnull}, lock)
    if code:
        raise Stop("pip failed", tail=tail)
    plugins = os.path.join(HERE, "plugins")
    for folder, _, names in os.walk(place):
        for path in [os.path.join(folder, name) for name in names if name.endswith(".pth")]:
            # Until Python 3.13 such a file is read in the locale's encoding: a Chinese path in UTF-8 stops a Python
            # under a GBK locale, as on Chinese Windows, before it has run a line. Said in ASCII it is safe.
            if read(path).strip() == plugins.encode("utf-8", "surrogateescape"):
                with open(path, "w", encoding="ascii") as file:
                    file.write(f"import os, sys; sys.path.append(os.fsdecode({os.fsencode(plugins)!r}))\n")


def environment() -> "dict[str, str]":
    """Return the variables for the processes of set-up, without those that would lead Python or pip elsewhere."""
    elsewhere = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**{name: kept[name] for name in kept.keys() - elsewhere}, "PIP_USER": "0", "PYTHONUTF8": "1"}


def run(
    command: "list[str]", variables: "dict[str, str]", lock: "int | None" = None, watch: "Callable[[str], object]" = len
) -> "tuple[int, str]":
    """Run a command without input, show each of its lines to `watch`, return its exit code and its last lines."""
    import collections
    import subprocess

    last: collections.deque[str] = collections.deque(maxlen=12)
    process = subprocess.Popen(
        command,
        env=variables,
        stdin=subprocess.DEVNULL if lock is None or os.name == "nt" else lock,  # an empty file
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    try:
        for line in process.stdout or ():
            last.append("  " + line.rstrip())
            watch(line.strip())
        return process.wait(), "\n".join(last)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def provide_libraries(language: str) -> None:
    """Have the system's libraries that print PDFs: look, install where that is ours to do, or say what to run."""
    missing = missing_libraries(open_library)
    if missing and can_apt():
        apt_install(DEBIAN_LIBRARIES, language)
        missing = missing_libraries(open_library)
    if missing:
        raise Stop("no libraries", names=", ".join(missing), commands=INSTALL_LIBRARIES)


def missing_libraries(load: "Callable[[str, str], object]") -> "list[str]":
    """Name the libraries that `load(name, file)` cannot open."""
    column = {"darwin": 2, "win32": 3}.get(sys.platform, 1)
    if sys.platform == "darwin" and os.path.isdir("/opt/homebrew/lib"):  # only Homebrew's own Python looks there
        os.environ.setdefault("DYLD_FALLBACK_LIBRARY_PATH", "/opt/homebrew/lib:/usr/local/lib:/usr/lib")
    missing = []
    for library in LIBRARIES:
        try:
            load(library[0], library[column])
        except OSError:
            missing.append(library[0])
    return missing


def open_library(name: str, file: str) -> object:
    """Open a library as WeasyPrint does; OSError where there is none."""
    import ctypes

    if sys.platform == "win32":
        folders = os.environ.get("WEASYPRINT_DLL_DIRECTORIES", r"C:\msys64\ucrt64\bin;C:\msys64\mingw64\bin")
        for folder in filter(os.path.isdir, folders.split(";")):
            os.add_dll_directory(folder)
    try:
        return ctypes.CDLL(file)
    except OSError:
        if sys.platform == "darwin":  # elsewhere find_library starts ldconfig and a compiler
            from ctypes.util import find_library

            return ctypes.CDLL(find_library(name) or file)
        raise


def provide_tools(language: str) -> None:
    """Have the programs with which the tests compare signatures and time stamps."""
    import shutil

    missing = [tool for tool in TOOLS if not shutil.which(tool[0])]
    if missing and can_apt():
        apt_install([package for _, package in missing], language)
    missing = [tool for tool in missing if not shutil.which(tool[0])]
    if missing:
        raise Stop("no tools", names=", ".join(name for name, _ in missing))
    welcome = [package for tool, package in WELCOME if not shutil.which(tool)]
    if welcome and can_apt():
        apt_install(welcome, language)


def provide_browser(language: str) -> None:
    """Have a Chromium for the tests of the site."""
    import shutil

    if not any(map(shutil.which, BROWSERS)) and can_apt():
        apt_install(["chromium"], language)
    if not any(map(shutil.which, BROWSERS)):
        raise Stop("no browser", names=", ".join(BROWSERS), commands=INSTALL_BROWSER)


def can_apt() -> bool:
    """Whether this is root on a Debian family system."""
    import shutil

    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: "list[str] | tuple[str, ...]", language: str) -> bool:
    """Install Debian packages, with fresh package lists if the ones at hand do not do; whether it went well."""
    say(language, "apt", packages=" ".join(packages))
    variables = {**environment(), "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    code, tail = run(install, variables)
    if code:
        run(["apt-get", "update"], variables)
        code, tail = run(install, variables)
    if code:
        say(language, "apt failed", tail=tail)
    return code == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
