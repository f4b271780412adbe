"""`forms` on the command line: makes, numbers, reads, and says what to do when it cannot."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import Done, hashes, write
from filled import FILES, NUMBER, SOUND_VALUES, TEXT, fill_xlsx, form, place
from manuals import register

from qmanual.records import record_json
from qmanual.records.record import record_of
from qmanual.render.form_marks import CannotMark

Cli = Callable[..., Done]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "手册", FILES)


def test_all_formats(cli: Cli, root: Path, tmp_path: Path) -> None:
    done = cli("forms", NUMBER, "--format", "all", "--out", str(tmp_path / "出"), root=root)
    assert (done.code, done.err) == (0, "")
    names = [f"QR-8.7-01_A-0{ending}" for ending in (".html", ".pdf", ".schema.json", ".xlsx")]
    assert sorted(hashes(tmp_path / "出")) == names
    assert done.out.count("QR-8.7-01_A-0") == 4


def test_list(cli: Cli, root: Path) -> None:
    done = cli("forms", root=root)
    assert done.code == 0
    assert "QR-8.7-01  A/0  草稿  不合格品处置单" in done.out.splitlines()


def test_read_as_text_and_json(cli: Cli, root: Path, tmp_path: Path) -> None:
    record = record_of(form(), {**SOUND_VALUES, "数量": 0})
    file = str(place(tmp_path, "r.json", record_json(record).encode()))
    done = cli("forms", "read", file, root=root)
    assert done.code == 1
    assert "  × 数量: 小于最小值 1件" in done.out.splitlines()
    assert "  处置单编号: NCR-2026-001" in done.out.splitlines()
    done = cli("forms", "read", file, "--format", "json", root=root)
    row = json.loads(done.out)["records"][0]
    assert (done.code, row["form"], row["refused"]) == (1, NUMBER, None)
    assert row["findings"] == [{"field": "数量", "message": "小于最小值 1件"}]
    assert row["values"] == dict(record.values)


def test_read_several_one_refused(cli: Cli, root: Path, tmp_path: Path) -> None:
    good = place(tmp_path, "good.json", record_json(record_of(form(), SOUND_VALUES)).encode())
    bad = place(tmp_path, "bad.json", b"{}")
    assert cli("forms", "read", str(good), root=root).code == 0
    done = cli("forms", "read", str(bad), str(good), root=root)
    assert done.code == 1
    assert done.out.startswith("bad.json：拒收：")
    assert "good.json: QR-8.7-01" in done.out


def test_a_record_cannot_drive_the_terminal(cli: Cli, root: Path, tmp_path: Path) -> None:
    record = record_of(form(), SOUND_VALUES)
    hostile = record_json(record).replace("划线隔离", "\\u001b[2J\\u202e红")
    done = cli("forms", "read", str(place(tmp_path, "r.json", hostile.encode())), root=root)
    assert "\x1b" not in done.out and "\u202e" not in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["QR-1"], "没有编号为 QR-1 的文件"),
        (["QP-7.5-01"], "不是表单"),
        ([NUMBER, "--blank", "5"], "都要写"),
        ([NUMBER, "--serial", "A-1"], "都要写"),
        ([NUMBER, "--blank", "5", "--serial", "A"], "无法从 A 往下编号"),
        ([NUMBER, "--blank", "0", "--serial", "A-1"], "1 至 500"),
        ([NUMBER, "--format", "doc"], "--format"),
        (["read"], "FILES"),
        (["read", "nix.pdf"], "nix.pdf"),
        (["read", "."], "请写出里面的文件"),
        (["read", "nix.pdf", "--template", "nix2.pdf"], "nix2.pdf"),
    ],
)
def test_says_what_to_do(words: list[str], said: str, cli: Cli, root: Path) -> None:
    done = cli("forms", *words, root=root)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_form_whose_drawing_is_not_on_its_page_is_refused(cli: Cli, tmp_path: Path) -> None:
    text = TEXT + "\n脚注[^1]\n\n[^1]: 备注：______\n"
    done = cli(
        "forms", NUMBER, "--format", "html", root=write(tmp_path / "手册", {**FILES, f"forms/{NUMBER}.md": text})
    )
    assert done.code == 2
    assert "无法一一对应" in done.err
    assert not (tmp_path / "手册" / "dist" / "forms").exists()


def test_an_unsafe_form_is_not_made(cli: Cli, tmp_path: Path) -> None:
    text = TEXT + "\n<script>alert(1)</script>\n"
    done = cli(
        "forms", NUMBER, "--format", "html", root=write(tmp_path / "手册", {**FILES, f"forms/{NUMBER}.md": text})
    )
    assert (done.code, "不能发布" in done.err) == (2, True)


def test_help_is_chinese_in_subcommands(cli: Cli, root: Path) -> None:
    assert "带流水号" in cli("forms", "make", "--help", root=root).out
    assert "填好的表单" in cli("forms", "read", "--help", root=root).out


def test_xlsx_read_by_the_command(cli: Cli, root: Path, tmp_path: Path) -> None:
    cli("forms", NUMBER, "--format", "xlsx", "--out", str(tmp_path), root=root)
    blank = (tmp_path / "QR-8.7-01_A-0.xlsx").read_bytes()
    filled = place(tmp_path, "r.xlsx", fill_xlsx(blank, form(), SOUND_VALUES))
    done = cli("forms", "read", str(filled), "--form", NUMBER, "--format", "json", root=root)
    assert done.code == 0
    assert json.loads(done.out)["records"][0]["values"]["项目表"][0]["标记"] == ["B.1"]


def test_marks_are_refused_where_the_page_shows_something_else() -> None:
    from lxml.html import fragment_fromstring

    from qmanual.records.places import places
    from qmanual.render.form_marks import mark

    document = register(FILES).by_id[NUMBER]
    tree = fragment_fromstring("<table><tr><td></td></tr></table>", create_parent="section")
    with pytest.raises(CannotMark):
        mark(tree, places(document, form())[document.path], form())
