"""The tutorial is walked: its commands are run one after the other, and print what it shows.

Marks in docs/tutorial.md that its readers do not see:

- `<!-- walk: PLACE -->` commands are run from here on, in that place, until `<!-- walk: end -->`
- `<!-- write: PATH -->` the reader writes the file that follows
- `<!-- edit: PATH | OLD | NEW -->` the reader edits a file as the text says
- `<!-- fill -->` the reader writes "无" for every hint of the new files, and names the form

A block of text after commands is what the last of them prints; `……` stands for what is left out.
"""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from disk import ROOT, Done, environment, start, write

from qmanual.demo.making import make
from qmanual.demo.story import read_story

TUTORIAL = ROOT / "docs/tutorial.md"
DAY = "2026-11-23"

_STEP = re.compile(
    r"(?ms)^<!-- (?P<order>walk|write|edit|fill)(?:: (?P<what>[^\n]+?))? -->$"
    r"|^(?P<mark>`{3,})(?P<kind>\w+)\n(?P<text>.*?)^(?P=mark)$"
)
_HINT = re.compile(r"<!-- .* -->")


@dataclass
class Walker:
    """Somebody who follows the tutorial: where he is, what was printed last."""

    places: dict[str, Path]
    cwd: Path
    done: Done = field(default_factory=lambda: Done(0, "", ""))
    run: int = 0

    def commands(self, text: str) -> None:
        for line in text.splitlines():
            first, *rest = shlex.split(line)
            if first == "cd":
                self.cwd = (self.cwd / rest[0]).resolve()
            elif first == "git":
                self.done = self._git(rest)
                assert self.done.code == 0, f"{line}: {self.done.err}"
            else:
                assert (first, rest[0]) == ("python3", "build.py"), f"not run: {line}"
                today = [] if "--today" in rest else ["--today", DAY]
                self.done = start("--yes", "--lang", "zh", *today, *rest[1:], cwd=self.cwd, **self._who())
                assert self.done.code in (0, 1), f"{line}: {self.done.err}"
            self.run += 1

    def _git(self, words: list[str]) -> Done:
        env = environment(**self._who())
        done = subprocess.run(["git", *words], cwd=self.cwd, env=env, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def _who(self) -> dict[str, str]:
        """A home of his own, and the clock of that day."""
        dates = {f"GIT_{role}_DATE": f"{DAY}T09:00:00+08:00" for role in ("AUTHOR", "COMMITTER")}
        return {"HOME": str(self.places["home"]), "GIT_CONFIG_NOSYSTEM": "1", **dates}

    def printed(self, shown: str) -> None:
        lines = ["(?s:.*)" if one == "……" else re.escape(one).replace("……", ".*") for one in shown.strip().split("\n")]
        form = "\n".join(lines).replace("\n(?s:.*)\n", "\n(?s:.*\n)?")
        assert re.fullmatch(form, self.done.out.strip()), f"shown:\n{shown}\nprinted:\n{self.done.out}{self.done.err}"

    def edit(self, what: str) -> None:
        path, old, new = (part.strip().replace("\\n", "\n") for part in what.split("|"))
        file = (self.cwd / "演示" if (self.cwd / "演示").exists() else self.cwd) / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} does not hold {old!r}"
        write(file.parent, {file.name: text.replace(old, new, 1)})

    def fill(self) -> None:
        for file in (one for folder in ("manual", "procedures", "forms") for one in (self.cwd / folder).glob("*.md")):
            text = _HINT.sub("无", file.read_text(encoding="utf-8"))
            write(file.parent, {file.name: text.replace("## 6 相关记录\n\n无", "## 6 相关记录\n\n- QR-7.5-01")})


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of QManual with the demonstration in it, and the folder of a manual of one's own."""
    base = tmp_path_factory.mktemp("教程")
    demo = base / "QManual"
    demo.mkdir()
    make(ROOT, demo / "演示", read_story(), lambda *_: None)
    own = base / "我的" / "手册"
    own.mkdir(parents=True)
    shutil.copy(ROOT / "mkdocs.yml", own)
    write(base, {".gitconfig": "[user]\n\tname = 李静\n\temail = lijing@example.com\n"})
    return {"demo": demo, "own": own, "colleague": own, "home": base}


def steps(place: str) -> Iterator[re.Match[str]]:
    """What is walked in a place, and in those that follow it without an end."""
    walking = False
    for step in _STEP.finditer(TUTORIAL.read_text(encoding="utf-8")):
        if step["order"] == "walk":
            walking = step["what"] == place or (walking and step["what"] != "end")
        if walking:
            yield step


@pytest.mark.parametrize(("place", "commands"), [("demo", 9), ("own", 30)])
def test_what_the_tutorial_shows_is_what_happens(places: dict[str, Path], place: str, commands: int) -> None:
    walker = Walker(places, places[place])
    target = ""
    for step in steps(place):
        match step["order"] or step["kind"]:
            case "walk":
                walker.cwd = places[step["what"]]
            case "write":
                target = step["what"]
            case "yaml":
                write(walker.cwd, {target: step["text"]})
            case "edit":
                walker.edit(step["what"])
            case "fill":
                walker.fill()
            case "sh":
                walker.commands(step["text"])
            case "text":
                walker.printed(step["text"])
    assert walker.run >= commands
