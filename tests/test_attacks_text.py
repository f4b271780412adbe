"""Attacks on the text itself: what was approved is not what stands there, and the reader is not meant to see it.

A manual with one release, whose procedure three people signed: each change is found by `check` and by `verify`, and
both name the file. Then what was changed before the release, names that look like others, and paths that lead out.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from disk import Done, Repo, start, write
from signed import FILES, PATH, approvals, digest

TEXT = FILES[PATH] + "\n## 7 附图\n\n![流程](图.svg)\n\n![流程][样图]\n\n[样图]: 样图.svg\n"
SIGNED = {**FILES, PATH: TEXT}
INDEX, CHAPTER = "manual/index.md", "manual/01-范围.md"
DAY = "2026-06-20"

Cli = Callable[..., Done]
Change = Callable[[str], str]


def drawing(word: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><text x="9" y="20">{word}</text></svg>'


BESIDE = {"procedures/图.svg": drawing("旧"), "procedures/样图.svg": drawing("样"), CHAPTER: "# 范围\n\n全部产品。\n"}


@dataclass
class Scene:
    """A manual on disk, its repository, and the commands run on it."""

    root: Path
    repo: Repo
    cli: Cli

    def found(self, *words: str, severities: tuple[str, ...] = ("error",)) -> list[tuple[str, str]]:
        """Code and path of every error, or of what else is asked for."""
        done = self.cli("check", *words, "--format", "json", root=self.root, today=DAY)
        findings = json.loads(done.out)["findings"]
        return [(one["code"], one["path"]) for one in findings if one["severity"] in severities]

    def wrong(self) -> list[str]:
        """The paths of what `verify` says does not hold."""
        done = self.cli("verify", "--format", "json", root=self.root, today=DAY)
        lines = [line["path"] for line in json.loads(done.out)["lines"] if line["result"] == "fails"]
        assert done.code == (1 if lines else 0)
        return lines


def pictured() -> str:
    """The digest of the procedure beside its pictures."""
    from manuals import register

    return register({**SIGNED, **BESIDE}).by_id["QP-7.5-01"].digest


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manual with one release, made once: each test works on a copy."""
    root = tmp_path_factory.mktemp("text") / "手册"
    repo = Repo(root)
    repo.commit({**SIGNED, **BESIDE, **approvals(pictured())}, "2026-05-18")
    done = start("--root", str(root), "--today", "2026-05-20", "release", "2026-05", "--yes", "--as", "何雨桐")
    assert done.code == 0, done.err
    return root


@pytest.fixture
def scene(built: Path, tmp_path: Path, cli: Cli) -> Scene:
    root = tmp_path / "手册"
    shutil.copytree(built, root)
    repo = Repo.__new__(Repo)
    repo.root = root
    return Scene(root, repo, cli)


def test_released_manual_is_sound(scene: Scene) -> None:
    assert scene.found() == []
    assert scene.wrong() == []


# -- after the release -----------------------------------------------------------------------------------------------

HIDDEN: dict[str, str] = {
    "zero width": "发\u200b放", "joiner": "发\u200d放", "soft hyphen": "发\u00ad放", "mark of order": "发\ufeff放",
    "left to right": "\u202a发放\u202c", "right to left": "\u202e放发\u202c", "isolate": "\u2067放发\u2069",
    "tag character": "发\U000e0041放", "line separator": "发\u2028放", "vertical tab": "发\x0b放",
    "filler": "发\u3164放",
}  # fmt: skip
"""Characters that no reader sees: found also where nothing was ever approved."""

LIKE: dict[str, str] = {
    "no-break blank": "发\u00a0放", "wide blank": "发\u3000放", "tab": "发\t放", "another variant": "发\ufe0f放",
    "accent": "发放\u0301", "carriage return": "发\r放", "radical": "\u2f12放", "entity": "&#x53d1;放",
    "comment": "发<!-- 不 -->放",
}  # fmt: skip
"""What looks the same, or nearly so, and is another text."""

TRICKS = HIDDEN | LIKE


@pytest.mark.parametrize("committed", [False, True], ids=["work tree", "committed"])
@pytest.mark.parametrize("trick", TRICKS)
def test_text_that_looks_as_before(scene: Scene, trick: str, committed: bool) -> None:
    write(scene.root, {PATH: TEXT.replace("发放", TRICKS[trick])})
    if committed:
        scene.repo.commit({}, "2026-06-01")
    codes = {code for code, path in scene.found() if path == PATH}
    assert "QM241" in codes, "another text under a released revision"
    assert any(code == "QM355" for code, _ in scene.found()), "not the text that was signed"
    assert PATH in scene.wrong()


@pytest.mark.parametrize("trick", HIDDEN)
def test_hidden_character_in_a_draft(cli: Cli, manual: Path, trick: str) -> None:
    scene = Scene(manual, Repo.__new__(Repo), cli)
    write(manual, {PATH: FILES[PATH].replace("发放", HIDDEN[trick])})
    assert ("QM810", PATH) in scene.found(severities=("error", "warning", "note"))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("owner: 质量部", "owner: 生产部"),
        lambda text: text.replace('clauses: ["7.5"]', 'clauses: ["7.5", "8.4"]'),
        lambda text: text.replace("review_every: 12 months", "review_every: 36 months"),
        lambda text: text.replace("departments: [生产部]\n", ""),
        lambda text: text.replace("effective: 2026-06-01", "effective: 2026-05-25"),
        lambda text: text.replace("编号、发放和回收", "编号和发放"),
        lambda text: text.replace("填写 QR-7.5-01。", "填写 QR-7.5-01。\n\n紧急时可以不填。"),
        lambda text: text.replace("## 5 相关文件", "<div hidden>\n\n## 5 相关文件") + "\n</div>\n",
    ],
    ids=["owner", "clause", "review", "departments", "effective", "word gone", "sentence more", "section hidden"],
)  # fmt: skip
def test_changed_body_or_header(scene: Scene, change: Change) -> None:
    changed = change(TEXT)
    assert changed != TEXT
    write(scene.root, {PATH: changed})
    assert ("QM241", PATH) in scene.found()
    assert PATH in scene.wrong()


@pytest.mark.parametrize("double", ["标题: 别的程序", "title: 别的程序"])
def test_key_written_twice(scene: Scene, double: str) -> None:
    """One reader takes the first, another the last: so neither counts."""
    write(scene.root, {PATH: TEXT.replace("owner:", f"{double}\nowner:", 1)})
    assert ("QM105", PATH) in scene.found()


@pytest.mark.parametrize("picture", ["procedures/图.svg", "procedures/样图.svg"])
@pytest.mark.parametrize("data", [drawing("新"), None], ids=["exchanged", "removed"])
def test_picture_changed(scene: Scene, picture: str, data: str | None) -> None:
    """Shown by its path or by a label."""
    (scene.root / picture).unlink()
    if data:
        write(scene.root, {picture: data})
    assert ("QM241", PATH) in scene.found()
    assert PATH in scene.wrong()


SHOWN = ("![图](图.svg)", "![图](%E5%9B%BE.svg)", "![图](&#x56fe;.svg)", "![图](./x/../图.svg)", "![图](<图.svg>)",
         "![图](图.svg?v=1)", '<img src="图.svg" alt="图">', "<IMG SRC='图.svg'>", "[![图](图.svg)](https://example.com)",
         "| 图 |\n|---|\n| ![图](图.svg) |", "![图]\n\n[图]: 图.svg", "![图 [1]][a]\n\n> [A]: <图.svg> '题'",
         "![图][]\n\n[图]:\n  图.svg")  # fmt: skip


@pytest.mark.parametrize("shown", SHOWN)
def test_picture_counts_however_it_is_written(shown: str) -> None:
    from manuals import register

    before = {**FILES, PATH: f"{FILES[PATH]}\n{shown}\n", "procedures/图.svg": drawing("旧")}
    after = {**before, "procedures/图.svg": drawing("新")}
    assert register(before).by_id["QP-7.5-01"].digest != register(after).by_id["QP-7.5-01"].digest


@pytest.mark.parametrize(
    "files",
    [
        {CHAPTER: "# 范围\n\n部分产品。\n"},
        {CHAPTER: None},
        {CHAPTER: None, "manual/03-范围.md": "# 范围\n\n全部产品。\n"},
        {"manual/02-例外.md": "# 例外\n\n试制件除外。\n"},
        {CHAPTER: "# 范围\n\n全部产\u200b品。\n"},
    ],
    ids=["changed", "removed", "renamed", "added", "hidden character"],
)
def test_chapter_changed(scene: Scene, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        if text is None:
            (scene.root / path).unlink()
        else:
            write(scene.root, {path: text})
    assert ("QM241", INDEX) in scene.found()
    assert INDEX in scene.wrong()


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_flags_of_the_index_do_not_deceive_verify(scene: Scene, flag: str) -> None:
    scene.repo.git("update-index", flag, PATH)
    write(scene.root, {PATH: TEXT.replace("发放和回收", "发放")})
    assert PATH in scene.wrong()


# -- between approval and release ------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{PATH: "正文"}, {"procedures/图.svg": drawing("新")}], ids=["body", "picture"])
def test_changed_before_the_release(scene: Scene, more: dict[str, str]) -> None:
    """Signed on 1 June in the header, changed on 5 June, to be released today."""
    raised = TEXT.replace("revision: A/1", "revision: A/2", 1).replace("effective: 2026-06-01", "effective: 2026-07-01")
    raised = raised.replace("changes:", "changes:\n  - {revision: A/2, date: 2026-06-01, by: 李静, summary: 更改}")
    for day in ("2026-05-11}", "2026-05-12}", "2026-05-15}"):
        raised = raised.replace(day, "2026-06-01}", 1)
    scene.repo.commit({PATH: raised}, "2026-06-01")
    assert "QM363" not in {code for code, _ in scene.found("--for", "release")}
    scene.repo.commit(
        {path: raised + "\n追加。\n" if path == PATH else text for path, text in more.items()}, "2026-06-05"
    )
    assert {path for code, path in scene.found("--for", "release") if code == "QM363"} == {PATH}


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["李静", "李 静", "李\u3000静", "李\u00a0静", "李\u200b静", "李靜", "Li Jing", "\u674e静 "]
)
def test_preparer_approves_under_a_name_that_looks_like_another(cli: Cli, manual: Path, name: str) -> None:
    scene = Scene(manual, Repo.__new__(Repo), cli)
    write(manual, {PATH: FILES[PATH].replace("approved: {by: 陈刚", f'approved: {{by: "{name}"')})
    assert {code for code, path in scene.found() if path == PATH} & {"QM304", "QM305"}


@pytest.mark.parametrize("name", ["李 静", "李\u3000静", "李\u200b静", "李静\u2060", "\u202d李静\u202c", "李\u3164静"])
def test_preparer_entered_a_second_time_under_such_a_name(cli: Cli, manual: Path, name: str) -> None:
    scene = Scene(manual, Repo.__new__(Repo), cli)
    path = "manual/organization.yml"
    second = f'  - {{name: "{name}", department: 质量部, posts: [{{role: 顾问, from: 2020-01-01, may: [approved]}}]}}\n'
    write(manual, {path: FILES[path].replace("people:\n", f"people:\n{second}")})
    write(manual, {PATH: FILES[PATH].replace("approved: {by: 陈刚", f'approved: {{by: "{name}"')})
    assert ("QM304", PATH) in scene.found()


# -- paths that lead out ---------------------------------------------------------------------------------------------

SECRET = "只在手册之外"
OUT = ("../../外面.svg", "..\\..\\外面.svg", "%2e%2e/%2e%2e/外面.svg", "x/../../../外面.svg", "{root}/外面.svg",
       "file://{root}/外面.svg", "&#46;&#46;/&#46;&#46;/外面.svg", "//{root}/外面.svg")  # fmt: skip


@pytest.mark.parametrize("target", OUT)
@pytest.mark.parametrize("shown", ["![图]({})", '<img src="{}" alt="图">', "![图][a]\n\n[a]: {}"])
def test_picture_from_outside(cli: Cli, manual: Path, target: str, shown: str) -> None:
    """Named, and neither read nor published."""
    write(manual.parent, {"外面.svg": drawing(SECRET)})
    text = shown.format(target.format(root=manual.parent.as_posix().replace(" ", "%20")))
    write(manual, {PATH: f"{FILES[PATH]}\n{text}\n"})
    scene = Scene(manual, Repo.__new__(Repo), cli)
    assert {code for code, path in scene.found() if path == PATH} & {"QM413", "QM414", "QM806"}


def test_picture_from_outside_is_not_published(cli: Cli, manual: Path) -> None:
    write(manual.parent, {"外面.svg": drawing(SECRET)})
    ways = "\n\n".join(f"![图]({target.format(root=manual.parent.as_posix())})" for target in OUT)
    write(manual, {PATH: f"{FILES[PATH]}\n{ways}\n"})
    assert cli(root=manual).code == 1
    assert (manual / "dist/site/procedures/QP-7.5-01.html").is_file()
    for path in (manual / "dist").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
        assert "外面" not in path.name


def test_digest_of_the_signed_text_is_the_one_beside_its_pictures() -> None:
    """What the tests above rely on: pictures count."""
    assert digest(SIGNED) != pictured()
