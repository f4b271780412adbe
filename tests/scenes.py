"""A released manual with signed statements, and what may happen to it: the next revision, a release set by hand."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from disk import Done, Repo, start, write
from signed import FILES, PATH, ROUND, approvals, digest, filed, statement

from qmanual.control.history import facts_of
from qmanual.control.manifest import Manifest, Move, Previous, Row, compose, path_of
from qmanual.control.statement import sha256
from qmanual.service.loading import load

DAY = "2026-06-20"
FOLDER = "approvals/QP-7.5-01/A-1"

Cli = Callable[..., Done]


@dataclass
class Scene:
    """A released manual with signed statements, its repository, and the commands run on it."""

    root: Path
    repo: Repo
    cli: Cli

    def verify(self, *words: str, root: Path | None = None, today: str = DAY) -> Done:
        return self.cli("verify", *words, root=root or self.root, today=today)

    def wrong(self, *words: str, root: Path | None = None) -> list[tuple[str, str]]:
        """Path and message of everything that does not hold."""
        done = self.verify(*words, "--format", "json", root=root)
        found = json.loads(done.out)
        lines = [(str(line["path"]), str(line["message"])) for line in found["lines"] if line["result"] == "fails"]
        assert done.code == (1 if lines else 0)
        assert found["holds"] is not bool(lines)
        return lines

    def codes(self) -> set[str]:
        found = json.loads(self.cli("check", "--format", "json", root=self.root, today=DAY).out)
        return {finding["code"] for finding in found["findings"] if finding["severity"] == "error"}

    def commit(self, files: dict[str, str | bytes], day: str = "2026-06-10") -> str:
        return self.repo.commit(files, day)

    def release(self, name: str, today: str) -> None:
        done = self.cli("release", name, "--yes", "--as", "何雨桐", root=self.root, today=today)
        assert done.code == 0, done.err

    def release_by_hand(
        self, name: str, day: str, before: str = "2026-05", edit: Callable[[bytes], bytes] | None = None
    ) -> None:
        """Set a tag on a commit with a right list, or what `edit` makes of it, past all that `release` looks at."""
        facts = [facts_of(document) for document in load(self.root, date.fromisoformat(day)).register.documents]
        rows = [
            Row(id=one.id, revision=one.revision, digest=one.digest, path=one.path, change=Move.UNCHANGED,
                effective=one.effective, approvals=one.signatures)
            for one in facts
        ]  # fmt: skip
        previous = Previous(before, sha256((self.root / path_of(before)).read_bytes()))
        listed = compose(
            Manifest(release=name, on=date.fromisoformat(day), tool="x", previous=previous, documents=tuple(rows))
        )
        self.commit({path_of(name): edit(listed) if edit else listed}, day)
        self.repo.release(name, day)


def signed_and_released(root: Path) -> Path:
    """A manual with signed statements and one release, 2026-05, in a repository."""
    repo = Repo(root)
    repo.git("config", "user.name", "何雨桐")
    repo.git("config", "user.email", "heyutong@example.com")
    write(root, approvals())
    repo.commit(FILES, "2026-05-18")
    done = start("--root", str(root), "--today", "2026-05-20", "release", "2026-05", "--yes")
    assert done.code == 0, done.err
    return root


def scene_of(built: Path, root: Path, cli: Cli) -> Scene:
    """A copy of that manual to work on."""
    shutil.copytree(built, root)
    repo = Repo.__new__(Repo)
    repo.root = root
    return Scene(root, repo, cli)


def revised(
    scene: Scene, day: str, approver: str = "陈刚", manual: Mapping[str, str] | None = None, last: str = ""
) -> list[str]:
    """The next revision of the procedure, signed on a day, the last time at `last`; the paths of its statements."""
    text = FILES[PATH].replace("revision: A/1", "revision: A/2", 1).replace("质量部负责", "各部门负责")
    for name, meaning in (("李静", "prepared"), ("王强", "reviewed"), ("陈刚", "approved")):
        signer = approver if meaning == "approved" else name
        line = next(one for one in text.split("\n") if one.startswith(meaning))
        text = text.replace(line, f"{meaning}: {{by: {signer}, date: {day}}}")
    entry = f"changes:\n  - {{revision: A/2, date: {day}, by: 李静, summary: 更改职责}}"
    text = text.replace("changes:", entry).replace("effective: 2026-06-01", "effective: 2026-07-01")
    files = {**FILES, **(manual or {}), PATH: text}
    people = ("李静", "王强", approver)
    new = filed(
        [
            statement(
                meaning,
                name,
                last if last and at == 2 else f"{day}T1{at}:00:00+08:00",
                revision="A/2",
                digest=digest(files),
            )
            for at, ((meaning, _, _), name) in enumerate(zip(ROUND, people, strict=True))
        ]
    )
    scene.commit({**(manual or {}), PATH: text, **new}, max(day, "2026-06-10"))
    return [path for path in new if path.endswith(".yml")]
