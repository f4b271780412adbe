"""The doors: commands, words, formats and exit codes, as people script against them."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from disk import DAY, Done, environment, hashes, start, write
from wcwidth import wcswidth

from qmanual import plugin
from qmanual.checks import BY_CODE
from qmanual.checks.example import SOUND, lay_over

Cli = Callable[..., Done]

PROCEDURE = "procedures/QP-7.5-01.md"
SAME_PERSON = f"{PROCEDURE}\n---\napproved: {{by: 李静, date: 2026-05-15}}\n---\n"


def add(root: Path, text: str) -> None:
    """Add text to the end of the procedure."""
    file = root / PROCEDURE
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def link_lines(done: Done) -> list[str]:
    """The two printed lines of the finding about a link: source and carets."""
    lines = done.out.splitlines()
    at = next(at for at, line in enumerate(lines) if " QM411 " in line)
    return lines[at + 1 : at + 3]


# -- check -------------------------------------------------------------------------------------------------------


def test_check_of_a_sound_manual_is_0(cli: Cli) -> None:
    done = cli("check")
    assert (done.code, done.out, done.err) == (0, "共检查 3 份文件：没有发现问题。\n", "")


def test_check_with_an_error_is_1(cli: Cli, manual: Path) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    assert cli("check").code == 1


def test_check_with_only_a_warning_is_0(cli: Cli) -> None:
    done = cli("check", today="2027-06-15")
    assert "警告" in done.out
    assert done.code == 0


def test_text_form_in_chinese(cli: Cli, manual: Path) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    assert cli("check").out == (
        "procedures/QP-7.5-01.md:44:7  错误 QM411  链接指向的文件不存在：missing.md\n"
        "    44 | 见[说明](missing.md)。\n"
        "       |          ^^^^^^^^^^\n"
        "    帮助：请更正路径（从本文件所在文件夹算起）；procedures/missing.md 不存在（ISO 9001 7.5.3.1）\n"
        "\n"
        "共检查 3 份文件：1 个错误，0 个警告，0 个提示。\n"
    )


def test_text_form_in_english(cli: Cli, manual: Path) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    out = cli("--lang", "en", "check").out
    assert out.startswith(f"{PROCEDURE}:44:7  error QM411  ")
    assert "\n    44 | 见[说明](missing.md)。\n       |          ^^^^^^^^^^\n    help: " in out
    assert out.endswith("\n\n3 documents checked: 1 errors, 0 warnings, 0 notes.\n")


@pytest.mark.parametrize(
    "before",
    ["", "全角字符", "e\u0301e\u0301", "\t制表", "a\tb", "😀👍", "🇨🇳", "ｈａｌｆ半", "字" * 300, "x" * 1_000_000],
    ids=["nothing", "full width", "combining", "tab", "tab inside", "emoji", "flag", "wide", "long", "a megabyte"],
)
def test_caret_stands_under_what_is_wrong(cli: Cli, manual: Path, before: str) -> None:
    add(manual, f"\n{before}[说明](missing.md)。\n")
    source, carets = link_lines(cli("check"))
    at = source.index("missing.md")
    assert carets.rstrip().endswith("^" * len("missing.md"))
    assert carets.count("\t") == source[:at].count("\t")
    width = sum(max(0, wcswidth(sign)) for sign in source[:at].replace("\t", ""))
    assert carets.replace("\t", "").index("^") == width


def test_long_line_is_cut_to_the_width_of_a_terminal(cli: Cli, manual: Path) -> None:
    add(manual, f"\n{'x' * 1_000_000}[说明](missing.md)。{'y' * 1_000_000}\n")
    assert max(wcswidth(line) for line in link_lines(cli("check"))) < 130


def test_path_limits_what_is_printed(cli: Cli, manual: Path) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    done = cli("check", "forms")
    assert (done.code, done.out) == (0, "共检查 3 份文件：没有发现问题。\n")


@pytest.mark.parametrize("named", [PROCEDURE, "procedures", "procedures/", "QP-7.5-01", "."])
def test_path_is_a_file_a_folder_or_a_number(cli: Cli, manual: Path, named: str) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    assert "QM411" in cli("check", named).out


def test_path_does_not_limit_what_is_known(cli: Cli, manual: Path) -> None:
    """The procedure's links lead into files that are not named here; they are known all the same."""
    assert cli("check", PROCEDURE).code == 0
    (manual / "forms/QR-7.5-01.md").unlink()
    done = cli("check", PROCEDURE)
    assert done.code == 1
    assert {"QM404", "QM411"} <= {word for word in done.out.split() if word.startswith("QM")}


def test_path_from_the_working_directory(cli: Cli, manual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    monkeypatch.chdir(manual / "procedures")
    assert "QM411" in cli("check", "QP-7.5-01.md").out


@pytest.mark.parametrize("path", ["nowhere.md", "../", "/", "..", "../../etc/passwd"])
def test_path_outside_is_refused(cli: Cli, path: str) -> None:
    done = cli("check", path)
    assert (done.code, done.out) == (2, "")
    assert path in done.err


def test_json_has_the_documented_keys(cli: Cli, manual: Path) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    report = json.loads(cli("check", "--format", "json").out)
    assert list(report) == ["documents", "findings"]
    assert report["documents"] == 3
    (row,) = report["findings"]
    types = {"code": str, "severity": str, "path": str, "line": int, "column": int, "message": str, "help": str}
    assert {name: type(value) for name, value in row.items()} == types
    assert (row["path"], row["line"], row["column"], row["severity"]) == (PROCEDURE, 44, 7, "error")


def test_json_of_a_sound_manual_is_still_json(cli: Cli) -> None:
    assert json.loads(cli("check", "--format", "json").out) == {"documents": 3, "findings": []}


def test_github_form_is_one_line_a_finding(cli: Cli, manual: Path) -> None:
    add(manual, "\n见[说明](a%20b,c:d.md)。\n")
    (line,) = cli("check", "--format", "github").out.splitlines()
    assert line.startswith(f"::error file={PROCEDURE},line=44,col=7,title=QM411::")
    assert "%0A" in line


def test_github_form_escapes_the_path(cli: Cli, manual: Path) -> None:
    write(manual, {"procedures/a,b:c.md": "# 没有文件头\n"})
    out = cli("check", "--format", "github").out
    assert "file=procedures/a%2Cb%3Ac.md,line=1" in out


def test_sarif_has_what_the_specification_requires(cli: Cli, manual: Path) -> None:
    """SARIF 2.1.0: version and runs; tool.driver.name; a message a result; regions from 1; rules by id."""
    add(manual, "\n见[说明](missing.md)。\n")
    log = json.loads(cli("check", "--format", "sarif").out)
    (run,) = log["runs"]
    (result,) = run["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["name"] == "QManual"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {result["ruleId"]} == {"QM411"}
    assert result["level"] in {"none", "note", "warning", "error"}
    assert result["message"]["text"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (44, 7, 17)


def test_sarif_uris_are_uris(cli: Cli, manual: Path) -> None:
    """RFC 3986: a blank or Chinese does not stand in a URI reference as it is (SARIF 2.1.0, 3.4.3)."""
    write(manual, {"procedures/没有 头.md": "# 没有文件头\n"})
    log = json.loads(cli("check", "--format", "sarif").out)
    uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in log["runs"][0]["results"]}
    assert any("%E6%B2%A1%E6%9C%89%20" in uri for uri in uris)
    assert all(uri.isascii() and " " not in uri for uri in uris)


def test_release_profile_misses_nothing(cli: Cli, manual: Path) -> None:
    write(manual, lay_over(f"{PROCEDURE}\n---\napproved:\n---\n"))
    assert cli("check").code == 0
    assert cli("check", "--for", "release").code == 1


def test_profile_of_the_settings_is_known(cli: Cli, manual: Path) -> None:
    settings = "site_name: 手册\nplugins:\n  - qmanual:\n      profiles: {audit: {QM411: note}}\n"
    write(manual, {"mkdocs.yml": settings})
    add(manual, "\n见[说明](missing.md)。\n")
    assert cli("check", "--for", "audit").code == 0


def test_today_decides_what_is_overdue(cli: Cli) -> None:
    assert cli("check", today="2027-04-01").out.count("QM") == 0
    assert "QM" in cli("check", today="2027-05-16").out


def test_check_writes_nothing_into_the_manual(cli: Cli, manual: Path) -> None:
    before = hashes(manual)
    cli("check")
    cli("check", "--format", "sarif")
    cli("register", "--format", "xlsx")
    assert hashes(manual) == before


def test_check_leaves_the_times_of_files_alone(cli: Cli, manual: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in manual.rglob("*")}
    cli("check")
    assert {path: path.stat().st_mtime_ns for path in manual.rglob("*")} == before


# -- words that are not understood -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "chek"),
        (["check", "--formt", "json"], "--formt"),
        (["check", "--format", "html"], "sarif"),
        (["--lang", "de", "check"], "zh, en"),
        (["check", "--for", "nothing"], "nothing"),
        (["status", "QP-99"], "QP-99"),
        (["pdf", "QP-99", "QP-98"], "QP-99, QP-98"),
        (["explain", "QM999"], "QM999"),
        (["register", "--out"], "--out"),
        (["status", "QP-7.5-01", "QM-01"], "QM-01"),
        (["serve", "--port", "x"], "--port"),
    ],
)
def test_unknown_words_are_2_and_named(cli: Cli, words: list[str], said: str) -> None:
    done = cli(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err and "qmanual-" not in done.err


def test_impossible_day_is_2(cli: Cli) -> None:
    done = cli("check", today="2026-02-30")
    assert done.code == 2
    assert "2026-02-30" in done.err


def test_mistake_in_the_words_is_told_in_the_language_asked_for(cli: Cli) -> None:
    assert "There is no command chek" in cli("--lang", "en", "chek").err


def test_missing_root_is_2(cli: Cli, tmp_path: Path) -> None:
    done = cli("check", root=tmp_path / "nowhere")
    assert done.code == 2
    assert "nowhere" in done.err


def test_root_that_is_a_file_is_2(cli: Cli, manual: Path) -> None:
    assert cli("check", root=manual / "mkdocs.yml").code == 2


# -- registers ---------------------------------------------------------------------------------------------------

REGISTER_KEYS = (
    "id", "title", "kind", "revision", "status", "effective", "owner", "departments", "clauses", "references", "path",
    "next_review", "digest",
)  # fmt: skip


def test_register_json_has_the_documented_keys(cli: Cli) -> None:
    documents = json.loads(cli("register", "--format", "json").out)["documents"]
    assert all(tuple(row) == REGISTER_KEYS for row in documents)
    row = next(row for row in documents if row["id"] == "QP-7.5-01")
    assert row["title"] == "文件控制程序"
    assert (row["kind"], row["revision"], row["status"]) == ("procedure", "A/1", "draft")
    assert (row["effective"], row["next_review"]) == ("2026-06-01", "2027-05-15")
    assert row["departments"] == ["生产部"]
    assert set(row["references"]) == {"QM-01", "QR-7.5-01"}
    assert len(row["digest"]) == 64


def test_register_xlsx_is_a_spreadsheet_with_real_dates(cli: Cli) -> None:
    done = cli("register", "--format", "xlsx")
    page = openpyxl.load_workbook(io.BytesIO(done.raw)).active
    assert page is not None
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert page.freeze_panes
    assert "QP-7.5-01" in rows[2]
    assert any(getattr(cell, "year", None) == 2026 for cell in rows[2])


@pytest.mark.parametrize("name", ["register", "matrix", "responsibilities"])
@pytest.mark.parametrize("form", ["md", "json", "xlsx"])
def test_register_into_a_file_is_what_is_printed(cli: Cli, tmp_path: Path, name: str, form: str) -> None:
    printed = cli(name, "--format", form)
    silent = cli(name, "--format", form, "--out", str(tmp_path / "neu" / "清单"))
    assert (printed.code, silent.code, silent.out) == (0, 0, "")
    assert (tmp_path / "neu" / "清单").read_bytes() == printed.raw


def test_markdown_register_names_every_document(cli: Cli) -> None:
    out = cli("register").out
    assert all(f"| {name} |" in out for name in ("QM-01", "QP-7.5-01", "QR-7.5-01"))


def test_clause_matrix_shows_the_exclusion(cli: Cli) -> None:
    rows = json.loads(cli("matrix", "--format", "json").out)["clauses"]
    (row,) = [row for row in rows if row["clause"] == "8.5.3"]
    assert row["excluded"]


def test_responsibilities_name_the_departments(cli: Cli) -> None:
    assert "质量部" in cli("responsibilities").out


def test_status_of_one_document(cli: Cli) -> None:
    done = cli("status", "QP-7.5-01", "--format", "json")
    (row,) = json.loads(done.out)["documents"]
    assert (row["id"], row["status"]) == ("QP-7.5-01", "draft")


def test_status_says_what_is_due(cli: Cli) -> None:
    assert "已超期" in cli("status", today="2028-01-01").out or "逾期" in cli("status", today="2028-01-01").out


@pytest.mark.parametrize("code", sorted(BY_CODE)[::9])
def test_explain_shows_both_examples(cli: Cli, code: str) -> None:
    done = cli("explain", code.lower())
    assert done.code == 0
    assert code in done.out


def test_explain_lists_all_rules(cli: Cli) -> None:
    assert [line.split()[0] for line in cli("explain").out.splitlines()] == list(BY_CODE)


# -- manuals that are hardly there -------------------------------------------------------------------------------


def test_empty_folder_is_hardly_the_one_that_was_meant(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "leer").mkdir()
    done = cli("check", root=tmp_path / "leer")
    assert (done.code, done.out) == (2, "")
    assert "procedures" in done.err and "--root" in done.err
    assert json.loads(cli("register", "--format", "json", root=tmp_path / "leer").out) == {"documents": []}


def test_no_settings_file_means_the_defaults(cli: Cli, manual: Path) -> None:
    (manual / "mkdocs.yml").unlink()
    assert cli("check").code == 0


def test_settings_without_the_plugin_mean_the_defaults(cli: Cli, manual: Path) -> None:
    write(manual, {"mkdocs.yml": "site_name: 手册\n"})
    assert cli("check").code == 0


def test_without_git_everything_is_draft(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    documents = json.loads(cli("register", "--format", "json").out)["documents"]
    assert {row["status"] for row in documents} == {"draft"}


def test_works_from_another_folder_on_a_relative_root(manual: Path) -> None:
    done = start("--root", manual.name, "--today", DAY, "check", cwd=manual.parent)
    assert (done.code, done.err) == (0, "")


def test_process_prints_utf8_and_its_exit_code(manual: Path) -> None:
    add(manual, "\n见[说明](missing.md)。\n")
    done = start("--root", str(manual), "--lang", "zh", "check")
    assert done.code == 1
    assert "链接指向的文件不存在" in done.out


def test_process_explains_itself_in_both_languages() -> None:
    assert "Check the manual" in start("--lang", "en", "--help").out
    assert "检查" in start("--lang", "zh", "--help").out


def test_broken_pipe_is_no_fault(manual: Path) -> None:
    """`build.py register | head -1` ends quietly."""
    code = f"import sys; from qmanual.cli import run; sys.exit(run(['--root', {str(manual)!r}, 'matrix']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert b"qmanual-" not in process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0


def test_fault_of_ours_is_a_sentence_and_a_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("qmanual.service.checking.check", fail)
    done = cli("check")
    file = Path(done.err.strip().rpartition("：")[2])
    assert done.code == 2
    assert "Traceback" not in done.err
    assert "ZeroDivisionError: a bug" in file.read_text(encoding="utf-8")
    file.unlink()


# -- the main job ------------------------------------------------------------------------------------------------


def test_main_job_makes_site_prints_and_registers(built: tuple[Path, Path]) -> None:
    _, dist = built
    assert sorted(path.name for path in dist.iterdir()) == ["pdf", "register.json", "register.xlsx", "site"]
    assert sorted(path.name for path in (dist / "pdf").iterdir()) == [
        "QM-01_A-0.pdf",
        "QP-7.5-01_A-1.pdf",
        "QR-7.5-01_A-0.pdf",
    ]
    assert (dist / "site" / "procedures" / "QP-7.5-01.html").is_file()


def test_published_register_matches_the_prints(built: tuple[Path, Path]) -> None:
    _, dist = built
    found = hashes(dist / "pdf")
    rows = json.loads((dist / "register.json").read_text(encoding="utf-8"))["documents"]
    assert all(tuple(row) == (*REGISTER_KEYS, "release", "starts", "pdf", "pages", "sha256") for row in rows)
    assert {row["pdf"]: row["sha256"] for row in rows} == found
    assert all(row["pages"] >= 1 for row in rows)


def test_site_carries_the_same_prints(built: tuple[Path, Path]) -> None:
    _, dist = built
    assert hashes(dist / "site" / "pdf") == hashes(dist / "pdf")


def test_second_run_gives_the_same_bytes(built: tuple[Path, Path], tmp_path: Path) -> None:
    """In another place, at another hour of another zone, with other hash seeds: every file of dist/ is the same."""
    root, dist = built
    copy = tmp_path / "another place" / "手册"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("dist"))
    words = ("--root", str(copy), "--out", str(tmp_path / "out"), "--today", DAY, "--lang", "zh")
    done = start(*words, TZ="Asia/Shanghai", PYTHONHASHSEED="2", SOURCE_DATE_EPOCH="1000000000")
    assert done.code == 0, done.err
    first, second = hashes(dist), hashes(tmp_path / "out")
    assert {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} == set()
    assert not (copy / "dist").exists()


def test_failed_site_leaves_everything_as_it_was(cli: Cli, manual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(manual, {"dist/site/index.html": "old", "dist/pdf/old.pdf": "old", "dist/register.json": "old"})
    before = hashes(manual / "dist")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(plugin, "build_site", fail)
    monkeypatch.setattr("qmanual.pdf.Printers.print_all", lambda *_, **__: ())
    assert cli().code == 2
    assert hashes(manual / "dist") == before
    assert sorted(path.name for path in (manual / "dist").iterdir()) == ["pdf", "register.json", "site"]


def test_interrupted_site_leaves_everything_as_it_was(cli: Cli, manual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(manual, {"dist/site/index.html": "old"})

    def interrupt(_: object, out: Path) -> None:
        (out / "half.html").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(plugin, "build_site", interrupt)
    done = cli("site")
    assert done.code == 130
    assert hashes(manual / "dist") == hashes(write(manual / "x", {"site/index.html": "old"}))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_manual_names_the_way_out(cli: Cli, manual: Path) -> None:
    manual.chmod(0o555)
    try:
        done = cli("site")
    finally:
        manual.chmod(0o755)
    assert done.code == 2
    assert "--out" in done.err


def test_out_that_cannot_be_written_names_the_way_out(cli: Cli, manual: Path) -> None:
    write(manual, {"file": "no folder"})
    done = cli("--out", str(manual / "file" / "dist"), "site")
    assert done.code == 2
    assert "--out" in done.err


def test_sound_manual_of_the_rules_is_the_one_tested_here(manual: Path) -> None:
    assert hashes(manual).keys() == SOUND.keys()
