"""How git is started: with fixed settings, and without anything by which it could be led elsewhere."""

import os

_SAFE = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
    "-c", "core.attributesFile=/dev/null", "-c", "protocol.allow=never", "-c", "gc.auto=0",
    "-c", "safe.directory=*", "-c", "log.showSignature=false", "-c", "submodule.recurse=false", "-c", "diff.external=",
    "-c", "core.useReplaceRefs=false", "-c", "core.commitGraph=false",
    "-c", "advice.graftFileDeprecated=false", "-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.showRoot=true",
    "-c", "log.follow=false", "-c", "log.mailmap=false", "-c", "diff.relative=false", "-c", "diff.renames=true",
    "-c", "diff.renameLimit=1000", "-c", "diff.ignoreSubmodules=none",
)  # fmt: skip


def said(output: bytes) -> str:
    """What git complained of: the last line that tells something, without its beginning `fatal:`."""
    lines = [line for line in output.decode("utf-8", "replace").split("\n") if line.startswith(("fatal:", "error:"))]
    return lines[-1].partition(":")[2].strip()[:300] if lines else "?"


def command(*arguments: str) -> list[str]:
    """The words by which git is started, its safe settings first."""
    return ["git", *_SAFE, "--no-replace-objects", *arguments]


def environment() -> dict[str, str]:
    """The caller's environment without anything by which git could be led elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_GRAFT_FILE": os.devnull,
    }  # fmt: skip


def text(output: bytes | None) -> str:
    """What git printed, as text; names that are no UTF-8 keep their bytes."""
    return (output or b"").decode("utf-8", "surrogateescape")
