"""The whole life of a document through the command line alone: from an empty folder to its withdrawal."""

import json
from collections.abc import Callable
from pathlib import Path

from disk import Done, Repo, write

Cli = Callable[..., Done]

COMPANY = {
    "mkdocs.yml": "site_name: 样例公司质量手册\nplugins:\n  - qmanual\n",
    "manual/organization.yml": """\
company: {name: 样例公司}
departments:
  - {name: 质量部, head: 王强}
  - {name: 生产部, head: 陈刚}
people:
  - {name: 李静, department: 质量部, posts: [{role: 文控专员, from: 2024-01-01, may: [prepared]}]}
  - {name: 王强, department: 质量部, posts: [{role: 质量部经理, from: 2020-01-01, may: [reviewed]}]}
  - {name: 陈刚, department: 生产部, posts: [{role: 管理者代表, from: 2020-01-01, may: [approved]}]}
""",
}
PROCEDURE, FORM, INSTRUCTION = "procedures/QP-7.5-01.md", "forms/QR-7.5-01.md", "instructions/WI-8.5-01.md"
SECTIONS = {
    "目的": "使各岗位只用到现行有效的文件。", "范围": "公司质量管理体系的全部文件，包括 WI-8.5-01。",
    "职责": "质量部负责文件的编号、发放和回收。", "工作程序": "文件更改由归口部门提出，填写 QR-7.5-01。",
    "相关文件": "QM-01", "相关记录": "QR-7.5-01",
}  # fmt: skip


def put(root: Path, path: str, **texts: str) -> None:
    """What an author writes under the headings of a new document, in the place of the hints."""
    file = root / path
    lines = file.read_text(encoding="utf-8").split("\n")
    for at, line in enumerate(lines):
        heading = lines[at - 2].removeprefix("## ").partition(" ")[2] if at >= 2 else ""
        if line.startswith("<!--"):
            lines[at] = texts.get(heading, texts.get("text", "按图样装配。"))
    file.write_text("\n".join(lines), encoding="utf-8")


def states(cli: Cli, root: Path, day: str) -> dict[str, tuple[str, str]]:
    """Number → revision and status of the texts that count on a day."""
    done = cli("register", "--format", "json", root=root, today=day)
    assert done.code == 0, done.err
    return {row["id"]: (row["revision"], row["status"]) for row in json.loads(done.out)["documents"]}


def sign(cli: Cli, root: Path, day: str) -> None:
    for meaning, name in (("prepared", "李静"), ("reviewed", "王强"), ("approved", "陈刚")):
        done = cli("--yes", "approve", "--all", "--as", name, "--meaning", meaning, root=root, today=day)
        assert done.code == 0, done.err


def test_from_an_empty_folder_to_a_withdrawn_document(cli: Cli, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "新手册")
    root = repo.root
    write(root, COMPANY)

    def run(day: str, *words: str) -> Done:
        done = cli("--yes", *words, root=root, today=day)
        assert done.code == 0, done.out + done.err
        return done

    # new
    clauses = [word for number in range(4, 11) for word in ("--clause", str(number))]
    run("2026-01-05", "new", "manual", "--title", "质量手册", "--department", "质量部", *clauses, "--as", "李静")
    run("2026-01-05", "new", "程序文件", "--title", "文件控制程序", "--department", "质量部", "--clause", "7.5")
    run("2026-01-05", "new", "form", "--title", "文件更改申请单", "--department", "质量部", "--clause", "7.5.3")
    run("2026-01-05", "new", "instruction", "--title", "装配作业指导书", "--department", "生产部", "--clause", "8.5")
    assert cli("check", root=root, today="2026-01-05").code == 0
    put(root, "manual/index.md", text="本手册适用于公司的全部产品。")
    put(root, PROCEDURE, **SECTIONS)
    put(root, INSTRUCTION)
    repo.commit({}, day="2026-01-05")

    # approve, release
    sign(cli, root, "2026-01-06")
    assert cli("--yes", "release", "2026-01", "--as", "李静", root=root, today="2026-01-07").code == 2  # not committed
    repo.commit({}, day="2026-01-06")
    assert cli("--yes", "release", "2026-01", "--as", "李静", root=root, today="2026-01-07").code == 2  # no date
    done = run("2026-01-07", "release", "2026-01", "--as", "李静", "--effective", "2026-01-15")
    assert "QP-7.5-01 A/0 文件控制程序" in done.out
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("cat-file", "-t", "release/2026-01") == "tag"
    assert states(cli, root, "2026-01-14")["QP-7.5-01"] == ("A/0", "approved")
    assert set(states(cli, root, "2026-01-15").values()) == {("A/0", "effective")}
    assert cli("check", "--for", "release", root=root, today="2026-01-15").code == 0

    # revise, approve, release for a later day
    run("2026-03-02", "revise", "QP-7.5-01", "--summary", "增加电子签批", "--as", "李静")
    text = (root / PROCEDURE).read_text(encoding="utf-8")
    write(root, {PROCEDURE: text.replace("由归口部门提出", "由归口部门提出并电子签批")})
    repo.commit({}, day="2026-03-02")
    assert (
        cli("--yes", "revise", "QP-7.5-01", "--summary", "再改", "--as", "李静", root=root, today="2026-03-02").code
        == 2
    )
    sign(cli, root, "2026-03-05")
    repo.commit({}, day="2026-03-05")
    done = run("2026-03-10", "release", "2026-03", "--as", "李静", "--effective", "2026-04-01")
    assert "QP-7.5-01 A/0 → A/1 文件控制程序" in done.out
    assert states(cli, root, "2026-03-09")["QP-7.5-01"] == ("A/0", "effective")
    assert states(cli, root, "2026-03-31")["QP-7.5-01"] == ("A/0", "effective")
    assert states(cli, root, "2026-04-01")["QP-7.5-01"] == ("A/1", "effective")
    assert states(cli, root, "2026-04-01")["WI-8.5-01"] == ("A/0", "effective")

    # withdraw, release
    done = run("2026-05-04", "withdraw", "WI-8.5-01", "--reason", "工序外包", "--as", "陈刚", "--date", "2026-05-20")
    assert "QP-7.5-01" in done.out  # still names it
    repo.commit({}, day="2026-05-04")
    done = run("2026-05-10", "release", "2026-05", "--as", "李静")
    assert "WI-8.5-01 A/0 装配作业指导书" in done.out
    assert states(cli, root, "2026-05-19")["WI-8.5-01"] == ("A/0", "effective")
    assert states(cli, root, "2026-05-20")["WI-8.5-01"] == ("A/0", "withdrawn")
    assert cli("--yes", "release", "2026-06", "--as", "李静", root=root, today="2026-06-01").code == 2  # nothing new
    again = cli("--yes", "new", "instruction", "--title", "另一份", "--department", "生产部", "--clause", "8.5",
                root=root, today="2026-06-01")  # fmt: skip
    assert again.code == 0
    assert (root / "instructions/WI-8.5-02.md").is_file()
