"""The registers and matrices: what the rows say, and that no text of a document can disturb a table."""

import json
import time
from collections.abc import Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from manuals import register, released

from qmanual.control.edition import Edition, working_edition
from qmanual.control.history import History
from qmanual.language import Translator
from qmanual.register import Register
from qmanual.render import matrix, tables
from qmanual.render.tables import Column, Table

SAY = Translator("en")
TODAY = date(2026, 6, 15)

SETTINGS = 'plugins:\n  - qmanual:\n      standards: ["ISO 9001:2015", "ISO 14001:2015"]\n'
IATF = 'plugins:\n  - qmanual:\n      standards: ["IATF 16949:2016"]\n'
ORGANIZATION = """company: {name: 示例公司}
departments: [{name: 质量部, head: 李静}, {name: 生产部}, {name: 采购部}]
exclusions:
  - {clause: "8.3", reason: 不做设计}
"""


def document(name: str, header: str, body: str = "") -> dict[str, str]:
    """A document as one file."""
    folder = {"QP": "procedures", "QR": "forms", "QM": "manual", "WI": "instructions"}[name[:2]]
    text = f"---\nid: {name}\n{header}\n---\n\n# {name}\n\n{body}\n"
    return {f"{folder}/{name}.md": text}


def manual(*documents: dict[str, str], settings: str = SETTINGS, organization: str = ORGANIZATION) -> Register:
    """A register of these documents."""
    files: dict[str, str] = {"mkdocs.yml": settings, "manual/organization.yml": organization}
    for one in documents:
        files |= one
    return register(files)


def seen(of: Register, history: History | None = None) -> Edition:
    """The edition of that register."""
    return working_edition(of, history or History(), TODAY)


PROCEDURE = document(
    "QP-8.4-01",
    "title: 采购程序\nrevision: A/1\neffective: 2026-03-01\nowner: 采购部\ndepartments: [质量部, 质量部]\n"
    'clauses: ["8.4", "ISO 14001 8.1", "ISO 9001:2015 8.4", "ISO 45001 8.1"]\n'
    "approved: {by: 陈刚, date: 2026-02-20}\nreview_every: 12 months",
    "见 QR-8.4-01，按 ISO 9001 8.5.1 执行。",
)
FORM = document(
    "QR-8.4-01", "title: 供方评价表\nrevision: A/0\nowner: 质量部\ndepartments: [采购部]\nclauses: ['8.4.1']"
)


class TestRegister:
    def test_a_row_holds_what_the_doors_promise(self) -> None:
        row, _ = tables.register_rows(seen(manual(PROCEDURE, FORM)))
        digest = row.pop("digest")  # type: ignore[misc]
        assert len(str(digest)) == 64
        assert row == {
            "id": "QP-8.4-01", "title": "采购程序", "kind": "procedure", "revision": "A/1", "status": "draft",
            "effective": "2026-03-01", "owner": "采购部", "departments": ["质量部"],
            "clauses": ["8.4", "ISO 14001:2015 8.1", "ISO 45001 8.1"], "references": ["QR-8.4-01"],
            "path": "procedures/QP-8.4-01.md", "next_review": "2027-02-20",
        }  # fmt: skip

    def test_the_status_comes_from_the_releases(self) -> None:
        found = manual(PROCEDURE, FORM)
        rows = tables.register_rows(seen(found, released(found.documents[0])))
        assert [row["status"] for row in rows] == ["effective", "draft"]

    def test_a_document_without_a_header_has_a_row(self) -> None:
        row = tables.register_rows(seen(manual({"procedures/x.md": "# 标题\n"})))[0]
        assert (row["id"], row["title"], row["revision"], row["effective"]) == ("procedures/x.md", "标题", "", None)

    def test_json_is_as_the_doors_promise(self) -> None:
        rows = tables.register_rows(seen(manual(PROCEDURE, FORM)))
        text = tables.register_json(rows)
        assert json.loads(text) == {"documents": rows}
        assert "采购程序" in text and text.endswith("}\n")

    def test_markdown_names_kinds_and_states_in_words(self) -> None:
        lines = tables.register_markdown(tables.register_rows(seen(manual(PROCEDURE))), SAY).splitlines()
        assert lines[0] == "# Register of documents"
        assert lines[4].startswith("| QP-8.4-01 | 采购程序 | Procedure | A/1 | draft | 2026-03-01 | 采购部 |")
        assert all(line.count("|") == 11 for line in lines[2:])

    def test_a_thousand_documents_take_no_time(self) -> None:
        many = manual(*(document(f"QP-{n}-01", f"title: 程序 {n}\nclauses: ['8.4']") for n in range(1, 1001)))
        seen(many)
        start = time.process_time()
        tables.register_rows(seen(many))
        matrix.clause_rows(many, "zh")
        matrix.responsibility_rows(many, "zh")
        assert time.process_time() - start < 2


class TestMarkdown:
    def test_no_text_ends_its_cell_or_becomes_markup(self) -> None:
        hostile = "a|b\n<script>alert(1)</script> [x](javascript:y) `c` *d* \\| _e_ f_g &lt;"
        text = tables.to_markdown(Table(title="T", columns=(Column("A", 5), Column("B", 5)), rows=((hostile, "z"),)))
        line = text.splitlines()[4]
        assert line == (
            r"| a\|b \<script\>alert(1)\</script\> \[x\](javascript:y) \`c\` \*d\* \\\| \_e\_ f_g \&lt; | z |"
        )

    @given(st.text())
    def test_a_row_is_one_line_with_its_cells(self, cell: str) -> None:
        text = tables.to_markdown(Table(title="T", columns=(Column("A", 5), Column("B", 5)), rows=((cell, cell),)))
        lines = text.splitlines()
        assert len(lines) == 5
        assert lines[4].replace("\\\\", "").replace("\\|", "").count("|") == 3


class TestClauses:
    def rows(self, *documents: dict[str, str], settings: str = SETTINGS) -> Mapping[tuple[str, str], matrix.ClauseRow]:
        found = matrix.clause_rows(manual(*documents, settings=settings), "zh")
        return {(row["standard"], row["clause"]): row for row in found}

    def test_every_clause_of_every_standard_in_use(self) -> None:
        rows = self.rows(PROCEDURE, FORM)
        assert {standard for standard, _ in rows} == {"ISO 9001:2015", "ISO 14001:2015"}
        assert list(rows)[:2] == [("ISO 9001:2015", "4"), ("ISO 9001:2015", "4.1")]

    def test_who_claims_covers_and_mentions(self) -> None:
        rows = self.rows(PROCEDURE, FORM)
        assert rows["ISO 9001:2015", "8.4"]["claimed_by"] == ["QP-8.4-01"]
        assert rows["ISO 9001:2015", "8.4.1"]["claimed_by"] == ["QR-8.4-01"]
        assert rows["ISO 9001:2015", "8.4.1"]["covered_by"] == ["QP-8.4-01"]
        assert rows["ISO 9001:2015", "8.5.1"]["mentioned_by"] == ["QP-8.4-01"]
        assert rows["ISO 14001:2015", "8.1"]["claimed_by"] == ["QP-8.4-01"]

    def test_an_exclusion_holds_for_the_clauses_below(self) -> None:
        rows = self.rows()
        assert rows["ISO 9001:2015", "8.3"]["excluded"] == rows["ISO 9001:2015", "8.3.6"]["excluded"] == "不做设计"
        assert rows["ISO 9001:2015", "8.4"]["excluded"] is None

    def test_a_claim_covers_what_another_standard_adds(self) -> None:
        general = document("QP-8.3-01", 'title: 设计\nowner: 生产部\nclauses: ["8.3"]')
        rows = self.rows(general, settings=IATF)
        assert rows["IATF 16949:2016", "8.3.2.1"]["covered_by"] == ["QP-8.3-01"]

    def test_uncertain_titles_are_marked_and_explained(self) -> None:
        settings = SETTINGS.replace("ISO 14001:2015", "ISO 9001:2026")
        rows = matrix.clause_rows(manual(settings=settings), "zh")
        table = matrix.clause_table(rows, SAY)
        assert not all(row["certain"] for row in rows)
        assert all(row["certain"] for row in rows if row["standard"] == "ISO 9001:2015")
        assert any(str(cells[2]).endswith("※") for cells in table.rows)
        assert len(table.notes) == 1

    def test_one_standard_stands_in_the_title(self) -> None:
        rows = matrix.clause_rows(manual(settings=""), "zh")
        table = matrix.clause_table(rows, SAY)
        assert table.title == "Clause matrix ISO 9001:2015"
        assert table.columns[0].title == "Clause"
        assert {len(cells) for cells in table.rows} == {len(table.columns)}

    def test_json(self) -> None:
        rows = matrix.clause_rows(manual(PROCEDURE), "en")
        assert json.loads(matrix.clause_json(rows)) == {"clauses": rows}


class TestResponsibilities:
    def rows(self, of: Register) -> Mapping[tuple[str, str], matrix.ResponsibilityRow]:
        return {(row["standard"], row["clause"]): row for row in matrix.responsibility_rows(of, "zh")}

    def test_clauses_have_two_levels(self) -> None:
        numbers = [clause for standard, clause in self.rows(manual()) if standard == "ISO 9001:2015"]
        assert numbers[:2] == ["4.1", "4.2"] and numbers[-1] == "10.3"
        assert {number.count(".") for number in numbers} == {1}

    def test_owners_are_responsible_and_the_others_concerned(self) -> None:
        row = self.rows(manual(PROCEDURE, FORM))["ISO 9001:2015", "8.4"]
        assert row["responsible"] == ["质量部", "采购部"]
        assert row["concerned"] == []
        assert self.rows(manual(PROCEDURE))["ISO 9001:2015", "8.4"]["concerned"] == ["质量部"]

    def test_a_claim_of_a_chapter_counts_for_each_of_its_clauses(self) -> None:
        chapter = document("QP-9-01", 'title: 绩效\nowner: 质量部\nclauses: ["9"]')
        rows = self.rows(manual(chapter))
        assert [rows["ISO 9001:2015", number]["responsible"] for number in ("9.1", "9.2", "9.3")] == [["质量部"]] * 3

    def test_what_a_standard_adds_counts_with_its_base(self) -> None:
        added = document("QP-8.3-01", 'title: 设计\nowner: 生产部\nclauses: ["IATF 16949 8.3.2.1"]')
        rows = self.rows(manual(added, settings=IATF))
        assert rows["ISO 9001:2015", "8.3"]["responsible"] == ["生产部"]
        assert ("IATF 16949:2016", "8.3") not in rows

    def test_departments_of_headers_alone_come_last(self) -> None:
        stranger = document("QP-9-01", 'title: 绩效\nowner: 外星部\nclauses: ["9.1"]')
        assert matrix.departments(manual(stranger)) == ("质量部", "生产部", "采购部", "外星部")

    def test_the_table_shows_marks_and_what_does_not_apply(self) -> None:
        of = manual(PROCEDURE, settings="")
        names = matrix.departments(of)
        table = matrix.responsibility_table(matrix.responsibility_rows(of, "zh"), names, SAY)
        cells = {str(row[0]): row[2:] for row in table.rows}
        assert cells["8.4"] == ("○", "", "●")
        assert cells["8.3"] == ("not applicable", "", "")
        assert "●" in table.notes[0]

    def test_json(self) -> None:
        of = manual(PROCEDURE)
        rows, names = matrix.responsibility_rows(of, "zh"), matrix.departments(of)
        found = json.loads(matrix.responsibility_json(rows, names))
        assert found == {"departments": list(names), "clauses": rows}

    def test_circular_bases_end(self) -> None:
        settings = "plugins:\n  - qmanual:\n      standards: [A 1, B 1]\n      standard_files: [a.yml, b.yml]\n"
        one = "id: A 1\nbase: B 1\nclauses: [{number: '4.1', title: {zh: 甲}}]\n"
        other = one.replace("A 1", "C 1").replace("B 1", "A 1").replace("C 1", "B 1")
        files = {"mkdocs.yml": settings, "a.yml": one, "b.yml": other}
        of = register(files)
        assert [row["clause"] for row in matrix.responsibility_rows(of, "zh")] == ["4.1", "4.1"]
        assert len(matrix.clause_rows(of, "zh")) == 2
