"""New, revise, approve, withdraw: what they write, and when they refuse."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from disk import DAY, Done, Repo, environment, hashes, start, write
from manuals import register as register_of

from qmanual.checks.example import SOUND, lay_over
from qmanual.control.drafting import next_number
from qmanual.parse.header import KEYS
from qmanual.register import Register
from qmanual.service.life.carrying import begin, carry_out
from qmanual.service.life.revising import Revision, revise
from qmanual.service.loading import load
from qmanual.workspace import CannotRun

if sys.platform != "win32":
    import fcntl
    import termios

Cli = Callable[..., Done]
PATH = "procedures/QP-7.5-01.md"
TEXT = SOUND[PATH]
COMMANDS = ("new", "revise", "approve", "release", "withdraw")
REVISE = ("revise", "QP-7.5-01", "--summary", "增加抽样", "--as", "李静")
SIGN = ("approve", "QP-7.5-01", "--as", "李静", "--meaning", "编制")
WITHDRAW = ("withdraw", "QR-7.5-01", "--reason", "不再使用", "--as", "陈刚")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The sound manual, committed and released."""
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    repo.release("2026-05")
    return repo


def text(repo: Repo, path: str = PATH) -> str:
    return (repo.root / path).read_text(encoding="utf-8")


def refused(cli: Cli, repo: Repo, *words: str, **more: str) -> str:
    """What a command that refuses says; nothing was written."""
    before = hashes(repo.root)
    done = cli("--yes", *words, root=repo.root, **more)
    kept = {path for path in hashes(repo.root) if not path.startswith(".git/")}
    assert done.code == 2, done.out
    assert done.err.strip() and "Traceback" not in done.err
    assert {path: before.get(path) for path in kept} == {p: s for p, s in hashes(repo.root).items() if p in kept}
    return done.err


def revised(cli: Cli, repo: Repo) -> None:
    assert cli("--yes", *REVISE, root=repo.root).code == 0
    write(repo.root, {PATH: text(repo).replace("发放和回收", "发放、回收和销毁")})
    repo.commit({}, day="2026-06-15")


# -- asking ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_speaks_both_languages(command: str, lang: str) -> None:
    done = start("--lang", lang, command, "--help")
    assert done.code == 0
    assert ("不询问" in done.out) == (lang == "zh")


def test_without_a_terminal_nothing_is_written_unless_told(cli: Cli, repo: Repo) -> None:
    done = cli(*REVISE, root=repo.root)
    assert done.code == 2
    assert "--yes" in done.err and "+ revision: A/2" in done.out
    assert text(repo) == TEXT
    assert cli(*REVISE, "--yes", root=repo.root).code == 0
    assert "revision: A/2" in text(repo)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("revise", "QP-7.5-01"), "--summary"), (("revise", "QP-7.5-01", "--summary", "x"), "--as"),
        (("approve", "QP-7.5-01"), "--as"), (("approve", "QP-7.5-01", "--as", "李静"), "--meaning"),
        (("approve", "--as", "李静"), "--all"), (("withdraw", "QR-7.5-01"), "--reason"),
        (("new", "procedure"), "--title"), (("new", "procedure", "--title", "x"), "--department"),
        (("new", "procedure", "--title", "x", "--department", "质量部"), "--clause"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(cli: Cli, repo: Repo, words: tuple[str, ...], option: str) -> None:
    assert option in refused(cli, repo, *words)


BLANK = [
    ("--title", ("new", "procedure", "--title", " ", "--department", "质量部", "--clause", "8.4")),
    ("--department", ("new", "procedure", "--title", "x", "--department", "\u3000", "--clause", "8.4")),
    ("--summary", ("revise", "QP-7.5-01", "--summary", "\u200b ", "--as", "李静")),
    ("--as", ("revise", "QP-7.5-01", "--summary", "x", "--as", " ")),
    ("--as", ("approve", "--all", "--meaning", "prepared", "--as", " ")),
    ("--reason", ("withdraw", "QR-7.5-01", "--reason", " ", "--as", "陈刚")),
    ("--as", ("withdraw", "QR-7.5-01", "--reason", "x", "--as", " ")),
]


@pytest.mark.parametrize(("option", "words"), BLANK)
def test_blanks_say_nothing(cli: Cli, repo: Repo, option: str, words: tuple[str, ...]) -> None:
    assert refused(cli, repo, *words) == f"{option} 没有内容，请写明。\n"


@pytest.mark.parametrize("command", ["revise", "withdraw"])
def test_a_number_written_otherwise_is_named(cli: Cli, repo: Repo, command: str) -> None:
    assert "最接近的是 QP-7.5-01" in refused(cli, repo, command, "qp-7.5-01")
    assert f"build.py {command} --help" in refused(cli, repo, command)


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of another kind")
@pytest.mark.parametrize(
    ("words", "answers", "said", "code"),
    [
        (
            ("new", "procedure"),
            ("", " ", "采购", "品质部", "质量部", "八", "8.4、8.5.1，7.5", "李静", "n"),
            "已有：质量部",
            0,
        ),
        (("new", "procedure"), ("\x03",), "已停止", 130),
        (("new", "procedure"), ("采购", "\x04"), "已停止", 130),
        (("revise", "QP-7.5-01"), ("改", "李静", "maybe", "n"), "请回答 y", 0),
        (("revise", "QP-7.5-01"), ("改", "李静", "\x03"), "已停止", 130),
        (("approve", "QP-7.5-01"), ("李静", "xx", "编制"), "只能是：编制", 2),
    ],
)
def test_answers_at_a_terminal(
    repo: Repo, words: tuple[str, ...], answers: tuple[str, ...], said: str, code: int
) -> None:
    before = hashes(repo.root / "procedures")
    shown, ended = typed(repo.root, words, answers)
    assert (said in shown, ended) == (True, code), shown
    assert hashes(repo.root / "procedures") == before
    if answers[-1] == "n":
        assert "没有写入任何内容" in shown
    if "8.4、8.5.1，7.5" in answers:
        assert 'clauses: ["8.4", "8.5.1", "7.5"]' in shown and "by: 李静, summary: 首次发布" in shown


def typed(root: Path, words: tuple[str, ...], answers: tuple[str, ...]) -> tuple[str, int]:
    """What a person sees who types these answers, each when he is asked; and how the command ends."""
    import pty
    import select

    own, other = pty.openpty()
    line = [sys.executable, "-m", "qmanual", "--root", str(root), "--today", DAY, "--lang", "zh", *words]
    with subprocess.Popen(line, stdin=other, stdout=other, stderr=other, env=environment(), start_new_session=True,
                          preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) as process:  # fmt: skip
        os.close(other)
        shown, asked, left = b"", 0, list(answers)
        while select.select([own], [], [], 60)[0]:
            try:
                shown += os.read(own, 65536)
            except OSError:
                break
            quiet = not select.select([own], [], [], 0.3)[0]  # a message may hold a colon, and come in two pieces
            if left and quiet and shown.endswith(b": ") and len(shown) > asked:
                asked = len(shown) + len(left[0].encode()) + 2
                os.write(own, left[0].encode() if left[0] in "\x03\x04" and left[0] else f"{left[0]}\n".encode())
                left.pop(0)
        try:
            code = process.wait(60)
        finally:
            process.kill()
    os.close(own)
    return shown.decode("utf-8", "replace"), code


# -- revise ------------------------------------------------------------------------------------------------------------


def test_revise_changes_only_what_it_says(cli: Cli, repo: Repo) -> None:
    assert cli("--yes", *REVISE, root=repo.root).code == 0
    kept = [line for line in TEXT.split("\n") if not line.startswith(("revision", "effective", "prepared", "reviewed"))]
    lines = text(repo).split("\n")
    assert [line for line in lines if line in TEXT.split("\n")] == [
        one for one in kept if not one.startswith("approved")
    ]
    assert {line for line in lines if line not in TEXT.split("\n")} == {
        "revision: A/2", "effective:", "prepared:", "reviewed:", "approved:",
        "  - {revision: A/2, date: 2026-06-15, by: 李静, summary: 增加抽样}",
    }  # fmt: skip
    assert cli("check", root=repo.root).code == 0


def test_revise_in_a_large_step_for_a_day(cli: Cli, repo: Repo) -> None:
    assert cli("--yes", *REVISE, "--major", "--effective", "2026-08-01", root=repo.root).code == 0
    assert "revision: B/0\neffective: 2026-08-01\n" in text(repo)


def test_a_revision_is_never_used_again(cli: Cli, repo: Repo) -> None:
    repo.commit({PATH: TEXT.replace("A/1", "A/2").replace("2025-03-01", "2025-03-02")}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    repo.commit({PATH: TEXT}, day="2026-06-02")
    repo.release("2026-06-b", day="2026-06-02")
    assert cli("--yes", *REVISE, root=repo.root).code == 0
    assert "revision: A/3" in text(repo)


def test_revise_what_was_changed_without_a_revision(cli: Cli, repo: Repo) -> None:
    write(repo.root, {PATH: TEXT.replace("发放和回收", "发放")})
    assert cli("--yes", *REVISE, root=repo.root).code == 0
    assert "revision: A/2" in text(repo)


def test_revise_refuses(cli: Cli, repo: Repo) -> None:
    assert "QP-9" in refused(cli, repo, "revise", "QP-9", "--summary", "x", "--as", "李静")
    repo.commit({"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")})
    assert "从未发布" in refused(cli, repo, "revise", "QP-7.5-02", "--summary", "x", "--as", "李静")
    revised(cli, repo)
    assert "修订中" in refused(cli, repo, *REVISE)
    write(repo.root, {PATH: TEXT.replace("review_every", "withdrawn: {date: 2026-06-01}\nreview_every")})
    assert "废止" in refused(cli, repo, *REVISE)
    write(repo.root, {PATH: TEXT.replace("id: QP-7.5-01", "id: &a QP-7.5-01")})
    assert "check" in refused(cli, repo, *REVISE)


def test_one_number_in_two_files_is_refused(cli: Cli, repo: Repo) -> None:
    write(repo.root, {"procedures/other.md": TEXT})
    assert "procedures/other.md" in refused(cli, repo, *REVISE)


@pytest.mark.parametrize("gap", ["no repository", "no commit", "shallow"])
def test_without_the_history_nothing_is_revised(cli: Cli, repo: Repo, tmp_path: Path, gap: str) -> None:
    other = tmp_path / "other"
    if gap == "shallow":
        repo.commit({"README.md": "later"})
        repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(other))
    else:
        write(other, SOUND)
        if gap == "no commit":
            Repo(other)
    for words in (REVISE, SIGN, WITHDRAW, ("release", "x", "--as", "李静")):
        done = cli("--yes", *words, root=other)
        assert done.code == 2 and "历史" in done.err


def test_line_ends_and_mark_of_order_stay(cli: Cli, repo: Repo) -> None:
    data = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    write(repo.root, {PATH: data})
    assert cli("--yes", *REVISE, root=repo.root).code == 0
    new = (repo.root / PATH).read_bytes()
    assert new.startswith(b"\xef\xbb\xbf---\r\n")
    assert new.count(b"\r\n") == new.count(b"\n") == data.count(b"\n") + 1


def test_a_file_changed_while_somebody_reads_the_plan_is_not_overwritten(repo: Repo) -> None:
    plan = revise(load(repo.root, date(2026, 6, 15)), "QP-7.5-01", Revision(summary="x", by="李静"))
    write(repo.root, {PATH: TEXT + "\n更多。\n"})
    with pytest.raises(CannotRun):
        carry_out(repo.root, plan)
    assert text(repo) == TEXT + "\n更多。\n"
    assert begin(repo.root) is None


def test_a_day_that_has_passed_is_no_effective_date(cli: Cli, repo: Repo) -> None:
    assert "已经过去" in refused(cli, repo, *REVISE, "--effective", "2026-06-14")


def test_a_name_that_the_company_does_not_list_is_told(cli: Cli, repo: Repo) -> None:
    done = cli("--yes", "revise", "QP-7.5-01", "--summary", "x", "--as", "路人", root=repo.root)
    assert done.code == 0 and "公司人员中没有 路人" in done.out


def test_a_write_protected_file_stays_as_it_is(cli: Cli, repo: Repo) -> None:
    (repo.root / PATH).chmod(0o444)
    assert "只读" in refused(cli, repo, *REVISE)


# -- approve -----------------------------------------------------------------------------------------------------------


def test_signatures_in_their_order(cli: Cli, repo: Repo) -> None:
    revised(cli, repo)
    assert "尚未编制" in refused(cli, repo, "approve", "QP-7.5-01", "--as", "陈刚", "--meaning", "approved")
    assert cli("--yes", *SIGN, root=repo.root).code == 0
    assert "已由 李静" in refused(cli, repo, *SIGN)
    assert "尚未审核" in refused(cli, repo, "approve", "QP-7.5-01", "--as", "陈刚", "--meaning", "approved")
    assert cli("--yes", "approve", "QP-7.5-01", "--as", "王 强", "--meaning", "reviewed", root=repo.root).code == 0
    assert cli("--yes", "approve", "QP-7.5-01", "--as", "陈刚", "--meaning", "approved", root=repo.root).code == 0
    assert "reviewed: {by: 王强, date: 2026-06-15}\napproved: {by: 陈刚, date: 2026-06-15}\n" in text(repo)
    later = refused(cli, repo, "approve", "QP-7.5-01", "--as", "王强", "--meaning", "countersigned")
    assert "已经批准" in later


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--as", "无名", "--meaning", "prepared"), "QM305"),
        (("--as", "李静", "--meaning", "prepared", "--date", "2026-06-16"), "QM308"),
        (("--as", "李静", "--meaning", "prepared", "--date", "2023-06-16"), "QM307"),
    ],
)
def test_the_rules_say_who_may_sign(cli: Cli, repo: Repo, words: tuple[str, ...], code: str) -> None:
    revised(cli, repo)
    assert code in refused(cli, repo, "approve", "QP-7.5-01", *words)


def test_nobody_approves_what_he_prepared(cli: Cli, repo: Repo) -> None:
    revised(cli, repo)
    for name, meaning in (("陈刚", "prepared"), ("王强", "reviewed")):
        assert cli("--yes", "approve", "QP-7.5-01", "--as", name, "--meaning", meaning, root=repo.root).code == 0
    assert "QM304" in refused(cli, repo, "approve", "QP-7.5-01", "--as", "陈刚", "--meaning", "approved")


def test_only_what_is_committed_is_signed(cli: Cli, repo: Repo) -> None:
    revised(cli, repo)
    write(repo.root, {PATH: text(repo) + "\n再加一句。\n"})
    assert "提交" in refused(cli, repo, *SIGN)
    repo.commit({}, day="2026-06-15")
    assert cli("--yes", *SIGN, root=repo.root).code == 0
    write(repo.root, {"procedures/QP-7.5-02.md": text(repo).replace("QP-7.5-01", "QP-7.5-02")})
    assert "提交" in refused(cli, repo, "approve", "QP-7.5-02", "--as", "王强", "--meaning", "reviewed")


def test_a_released_text_is_not_signed_again(cli: Cli, repo: Repo) -> None:
    assert "revise" in refused(cli, repo, *SIGN)


def test_a_document_with_errors_is_not_signed(cli: Cli, repo: Repo) -> None:
    revised(cli, repo)
    repo.commit({PATH: text(repo) + "\n见[说明](missing.md)。\n"}, day="2026-06-15")
    assert "QM4" in refused(cli, repo, *SIGN)


def test_all_that_wait_are_signed_together(cli: Cli, repo: Repo) -> None:
    revised(cli, repo)
    assert cli("--yes", "revise", "QM-01", "--summary", "x", "--as", "李静", root=repo.root).code == 0
    assert cli("--yes", "revise", "QR-7.5-01", "--summary", "x", "--as", "李静", root=repo.root).code == 0
    repo.commit({}, day="2026-06-15")
    write(repo.root, {"forms/QR-7.5-01.md": text(repo, "forms/QR-7.5-01.md") + "\n备注\n"})
    done = cli("--yes", "approve", "--all", "--as", "李静", "--meaning", "prepared", root=repo.root)
    assert done.code == 0
    assert "未包括 QR-7.5-01" in done.out
    assert "prepared: {by: 李静, date: 2026-06-15}" in text(repo, "manual/index.md")
    assert "prepared:\n" in text(repo, "forms/QR-7.5-01.md")
    assert "没有文件等待" in refused(cli, repo, "approve", "--all", "--as", "王强", "--meaning", "countersigned")
    assert "QM306" in refused(cli, repo, "approve", "--all", "--as", "李静", "--meaning", "reviewed")


# -- withdraw ----------------------------------------------------------------------------------------------------------


def test_withdraw_warns_of_those_who_name_it(cli: Cli, repo: Repo) -> None:
    done = cli("--yes", *WITHDRAW, "--date", "2026-07-01", root=repo.root)
    assert done.code == 0
    assert "QP-7.5-01" in done.out
    assert "withdrawn: {date: 2026-07-01, by: 陈刚, reason: 不再使用}\n---" in text(repo, "forms/QR-7.5-01.md")


def test_withdraw_refuses(cli: Cli, repo: Repo) -> None:
    assert "已经过去" in refused(cli, repo, *WITHDRAW, "--date", "2026-06-14")
    assert "QP-9" in refused(cli, repo, *WITHDRAW, "--replaced-by", "QP-9")
    assert "QR-7.5-01" in refused(cli, repo, *WITHDRAW, "--replaced-by", "QR-7.5-01")
    repo.commit({"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")})
    assert "删除" in refused(cli, repo, "withdraw", "QP-7.5-02", "--reason", "x", "--as", "陈刚")
    revised(cli, repo)
    assert "正在修订" in refused(cli, repo, "withdraw", "QP-7.5-01", "--reason", "x", "--as", "陈刚")
    assert cli("--yes", *WITHDRAW, root=repo.root).code == 0
    assert "已经废止" in refused(cli, repo, *WITHDRAW)


# -- new ---------------------------------------------------------------------------------------------------------------


def test_a_new_document_has_no_error(cli: Cli, repo: Repo) -> None:
    for kind, path in (("procedure", "procedures/QP-8.4-01.md"), ("form", "forms/QR-8.4-01.md")):
        words = ("new", kind, "--title", "采购: 控制", "--department", "质量部", "--clause", "8.4", "--as", "李静")
        assert cli("--yes", *words, root=repo.root).code == 0
        assert cli("check", path, root=repo.root).code == 0
    assert 'title: "采购: 控制"' in text(repo, "procedures/QP-8.4-01.md")
    assert cli("check", "--for", "release", "procedures/QP-8.4-01.md", root=repo.root).code == 1


def test_new_refuses(cli: Cli, repo: Repo) -> None:
    more = ("--title", "x", "--department", "质量部", "--clause", "8.4")
    assert "procedure" in refused(cli, repo, "new", "novel", *more)
    assert "质量部" in refused(cli, repo, "new", "procedure", "--title", "x", "--department", "质量", "--clause", "8.4")
    assert "8.99" in refused(
        cli, repo, "new", "procedure", "--title", "x", "--department", "质量部", "--clause", "8.99"
    )
    assert "编号规则" in refused(cli, repo, "new", "procedure", *more, "--id", "XX-1")
    assert "正在使用" in refused(cli, repo, "new", "procedure", *more, "--id", "QP-7.5-01")


def test_a_number_once_given_is_never_given_again(cli: Cli, repo: Repo) -> None:
    repo.commit({"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")})
    repo.git("mv", "procedures/QP-7.5-02.md", "procedures/QP-7.5-04 旧.md")
    repo.commit({})
    repo.git("rm", "-q", "procedures/QP-7.5-04 旧.md")
    repo.commit({})
    more = ("--title", "新", "--department", "质量部", "--clause", "7.5")
    assert "QP-7.5-04" in refused(cli, repo, "new", "procedure", *more, "--id", "QP-7.5-04")
    assert cli("--yes", "new", "procedure", *more, root=repo.root).code == 0
    assert (repo.root / "procedures/QP-7.5-05.md").is_file()


def test_new_without_git(cli: Cli, manual: Path) -> None:
    assert cli("--yes", "new", "form", "--title", "新", "--department", "质量部", "--clause", "7.5").code == 0
    assert (manual / "forms/QR-7.5-02.md").is_file()


def numbered(settings: str, *ids: str) -> Register:
    files = {"mkdocs.yml": f"plugins:\n  - qmanual:\n{settings}"}
    for at, number in enumerate(ids):
        files[f"procedures/{at}.md"] = TEXT.replace("id: QP-7.5-01", f"id: {number}")
    return register_of(files)


@pytest.mark.parametrize(
    ("pattern", "ids", "clauses", "expected"),
    [
        ("", ("QP-7.5-01", "QP-7.5-03"), ("7.5",), "QP-7.5-04"),
        ("", ("QP-7.5-01",), ("8.4.1",), "QP-8.4-01"),
        ("", ("QP-7.5-01",), (), ""),
        ("", ("QP-01", "QP-09"), ("8.4",), "QP-10"),
        ("", ("QP-007",), (), "QP-008"),
        ("", (), ("8.4",), "QP-8.4-01"),
        ("", (), (), "QP-01"),
        (r"Q/CY \d{3}-\d{4}", ("Q/CY 203-2024", "Q/CY 207-2022"), (), "Q/CY 208-2026"),
        (r"XZTC/CX-\d+-\d{4}", ("XZTC/CX-26-2022",), (), "XZTC/CX-27-2026"),
        ("质管-程-\\d+", ("质管-程-07",), (), "质管-程-08"),
        ("质管-程-\\d{2}", ("质管-程-99",), (), ""),
        (r"[A-Z]+", ("ABC",), (), ""),
    ],
)  # fmt: skip
def test_the_next_number_is_built_like_the_others(
    pattern: str, ids: tuple[str, ...], clauses: tuple[str, ...], expected: str
) -> None:
    kinds = f"      kinds:\n        procedure: {{id: '{pattern}'}}\n" if pattern else ""
    register = numbered(kinds, *ids)
    kind = register.settings.kind("procedure")
    assert next_number(kind, register, frozenset(ids), clauses, date(2026, 6, 15)) == expected


def test_chinese_keys_of_neighbours_are_taken_up(cli: Cli, tmp_path: Path) -> None:
    chinese = TEXT
    for key in ("id", "title", "revision", "effective", "owner", "departments", "clauses", "prepared", "reviewed",
                "approved", "review_every", "changes"):  # fmt: skip
        name = KEYS[key][0]
        chinese = chinese.replace(f"\n{key}:", f"\n{name}:")
    root = write(tmp_path / "m", {**SOUND, PATH: chinese})
    words = ("new", "procedure", "--title", "新", "--department", "质量部", "--clause", "7.5")
    assert cli("--yes", *words, root=root).code == 0
    new = (root / "procedures/QP-7.5-02.md").read_text(encoding="utf-8")
    assert new.startswith("---\n编号: QP-7.5-02\n标题: 新\n版本: A/0\n生效日期:\n归口部门: 质量部\n")
    assert "复审周期: 12 months\n更改记录:\n  - {版本: A/0, 日期: 2026-06-15, 摘要: 首次发布}\n" in new
    assert cli("check", "procedures/QP-7.5-02.md", root=root).code == 0


def test_example_of_another_kind(cli: Cli, tmp_path: Path) -> None:
    """A kind of the company's own, with its own sections and fields."""
    settings = "plugins:\n  - qmanual:\n      language: en\n      kinds:\n"
    settings += "        procedure: {sections: [Purpose, 步骤|Steps]}\n"
    root = write(tmp_path / "m", {**lay_over("mkdocs.yml\n" + settings)})
    words = ("new", "procedure", "--title", "Buying", "--department", "质量部", "--clause", "8.4")
    assert cli("--yes", *words, root=root).code == 0
    assert "## 1 Purpose\n\n<!-- " in (root / "procedures/QP-8.4-01.md").read_text(encoding="utf-8")
