"""Settings in mkdocs.yml: defaults, every key, and mistakes that cost a line and not the run."""

import pytest
from manuals import check

from qmanual.finding import Fault, FaultKind, Severity
from qmanual.model import Meaning
from qmanual.parse.settings import read_settings
from qmanual.settings import DEFAULT_KINDS, Settings
from qmanual.source import SourceFile


def read(text: str) -> Settings:
    return read_settings(SourceFile("mkdocs.yml", text))


def section(text: str) -> Settings:
    """Settings with these lines under `qmanual:`."""
    lines = "".join(f"      {line}\n" for line in text.splitlines())
    return read(f"site_name: 手册\nplugins:\n  - search\n  - qmanual:\n{lines}")


def fault(settings: Settings) -> Fault:
    (only,) = settings.faults
    return only


# -- where the section stands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "site_name: 手册\n",
        "plugins: [qmanual]\n",
        "plugins:\n  - qmanual\n",
        "plugins:\n  - qmanual:\n",
        "plugins:\n  - qmanual: {}\n",
        "plugins:\n  qmanual: {}\n",
        "plugins:\n",
        "plugins: search\n",
        "theme: !ENV X\nhooks: &a [x]\nmore: *a\nplugins: [qmanual]\n",
    ],
)
def test_empty_section_means_the_defaults(text: str) -> None:
    settings = read(text)
    assert settings.faults == ()
    assert (settings.kinds, settings.standards) == (DEFAULT_KINDS, ("ISO 9001:2015",))
    assert settings.scheme.name == "A/0"


def test_no_file_means_the_defaults() -> None:
    assert read_settings(None).kinds == DEFAULT_KINDS


def test_name_of_the_site() -> None:
    assert read("site_name: 手册\n").site_name == "手册"


def test_tags_of_mkdocs_outside_of_ours_are_its_business() -> None:
    settings = read("extra: !!python/name:os.system\nplugins:\n  - qmanual:\n      revision: '1.0'\n")
    assert (settings.faults, settings.scheme.name) == ((), "1.0")


def test_plugins_as_a_mapping() -> None:
    assert read("plugins:\n  qmanual:\n    revision: V1.0\n").scheme.name == "V1.0"


# -- kinds -------------------------------------------------------------------------------------------------------


def test_default_kinds_are_changed_in_part() -> None:
    kind = section("kinds:\n  procedure: {folder: 程序文件/二级, id: 'XZTC/CX-\\d+', title: 程序}").kind("procedure")
    assert (kind.folder, kind.title, kind.records) == ("程序文件/二级", "程序", True)
    assert kind.pattern.fullmatch("XZTC/CX-26")
    assert [one.name for one in section("kinds:\n  procedure: {folder: x}").kinds] == [
        "manual",
        "procedure",
        "instruction",
        "form",
    ]


def test_own_kind_has_a_folder_and_a_number_by_its_name() -> None:
    settings = section("kinds:\n  drawing: {}")
    kind = settings.kind("drawing")
    assert (kind.folder, kind.title, kind.form) == ("drawing", "drawing", False)
    assert kind.pattern.fullmatch("DRAWING-1.2-3")
    assert settings.folders[-1] == "drawing"


def test_sections_have_several_names() -> None:
    kind = section("kinds:\n  procedure: {sections: ['目的|Purpose', 范围]}").kind("procedure")
    assert [one.names for one in kind.sections] == [("目的", "Purpose"), ("范围",)]


def test_no_sections_and_no_approvals_can_be_asked_for() -> None:
    kind = section("kinds:\n  procedure: {sections: [], approvals: []}").kind("procedure")
    assert (kind.sections, kind.approvals) == ((), ())


def test_approvals_in_either_language() -> None:
    kind = section("kinds:\n  procedure: {approvals: [prepared, 会签, 批准]}").kind("procedure")
    assert kind.approvals == (Meaning.PREPARED, Meaning.COUNTERSIGNED, Meaning.APPROVED)


def test_form_and_records_are_yes_or_no() -> None:
    kind = section("kinds:\n  checklist: {form: 是, records: no}").kind("checklist")
    assert (kind.form, kind.records) == (True, False)


def test_groups_of_a_number_do_not_disturb_others() -> None:
    settings = section("kinds:\n  procedure: {id: 'Q(P|C)-(\\d+)'}\n  form: {id: 'F\\(\\d+\\)'}")
    assert [match[0] for match in settings.number.finditer("见 QC-12 和 F(3) 以及 QM-01。")] == [
        "QC-12",
        "F(3)",
        "QM-01",
    ]


@pytest.mark.parametrize("pattern", ["[", "(", "", "x*", "a{99999999999}", "(" * 600, "|x", "\\d+" * 200])
def test_pattern_that_cannot_be_a_number_is_refused(pattern: str) -> None:
    settings = section(f"kinds:\n  procedure: {{id: '{pattern}'}}")
    assert settings.kind("procedure").id == Settings().kind("procedure").id
    assert len(settings.faults) == (1 if pattern else 0)


@pytest.mark.parametrize(
    "folder", ["../x", "a/../b", ".git", ".", "..", "a/.git/b", "site", "dist", "C:\\x", "a*", "/etc/.."]
)
def test_folder_outside_of_the_manual_is_refused(folder: str) -> None:
    settings = section(f"kinds:\n  procedure: {{folder: '{folder}'}}")
    assert settings.kind("procedure").folder == "procedures"
    assert fault(settings).kind is FaultKind.WRONG_TYPE


def test_folder_with_slashes_around_it_is_inside() -> None:
    assert section("kinds:\n  procedure: {folder: /etc/}").kind("procedure").folder == "etc"


@pytest.mark.parametrize("name", ["程序", "Procedure", "1st", "a b", "a-b"])
def test_name_of_a_kind_is_a_plain_word(name: str) -> None:
    settings = section(f"kinds:\n  {name}: {{}}")
    assert settings.kinds == DEFAULT_KINDS
    assert fault(settings).kind is FaultKind.UNKNOWN_VALUE


# -- the rest ----------------------------------------------------------------------------------------------------


def test_standards_are_a_list_or_one() -> None:
    assert section("standards: [ISO 9001:2026, ISO 9001:2015]").standards == ("ISO 9001:2026", "ISO 9001:2015")
    assert section("standards: IATF 16949:2016").standards == ("IATF 16949:2016",)
    assert section("standards: []").standards == ("ISO 9001:2015",)


def test_own_fields() -> None:
    (field,) = section(
        "header_fields:\n  security: {label: 密级, required: true, pattern: '[甲乙]', kinds: [procedure]}"
    ).fields
    assert (field.name, field.label, field.required, field.pattern) == ("security", "密级", True, "[甲乙]")
    assert field.kinds == ("procedure",)


def test_own_field_may_be_for_a_kind_of_ones_own() -> None:
    settings = section("kinds:\n  drawing: {}\nheader_fields:\n  scale: {kinds: [drawing]}")
    assert (settings.faults, settings.fields[0].kinds) == ((), ("drawing",))


@pytest.mark.parametrize("name", ["title", "标题", "编制"])
def test_own_field_cannot_take_a_known_key(name: str) -> None:
    settings = section(f"header_fields:\n  {name}: {{label: x}}")
    assert settings.fields == ()
    assert fault(settings).kind is FaultKind.WRONG_TYPE


def test_rule_is_switched_off_with_a_reason() -> None:
    settings = section("off: {QM605: 旧文件待整理}")
    assert settings.off["QM605"].reason == "旧文件待整理"
    assert [text.value for text in settings.rules_named] == ["QM605"]


def test_rule_is_not_switched_off_without_a_reason() -> None:
    settings = section("off: {QM605: }")
    assert settings.off == {}
    assert fault(settings).kind is FaultKind.MISSING_VALUE


@pytest.mark.parametrize("code", ["QM60", "605", "QM6050", "qm605"])
def test_what_is_no_code_is_named(code: str) -> None:
    settings = section(f"off: {{{code}: 原因}}")
    assert settings.off == {}
    assert fault(settings).kind is FaultKind.UNKNOWN_VALUE


def test_severities_and_profiles() -> None:
    settings = section("severity: {QM304: error}\nprofiles: {audit: {QM304: note}, release: {QM310: warning}}")
    assert settings.severity == {"QM304": Severity.ERROR}
    assert settings.profiles["audit"] == {"QM304": Severity.NOTE}
    assert settings.profiles["release"] == {"QM310": Severity.WARNING}


def test_unknown_severity_is_named() -> None:
    settings = section("severity: {QM304: fatal}")
    assert settings.severity == {}
    assert fault(settings).details["known"] == "error, warning, note"


def test_notice_days_placeholders_language_and_folder() -> None:
    settings = section("review_notice_days: 60\nplaceholders: [XX公司]\nlanguage: en\ndata_folder: 数据")
    assert (settings.review_notice_days, settings.placeholders, settings.language) == (60, ("XX公司",), "en")
    assert settings.data_folder == "数据"


def test_zero_days_are_no_mistake() -> None:
    assert section("review_notice_days: 0").review_notice_days == 0


@pytest.mark.parametrize("line", ["review_notice_days: soon", "revision: 1.0.0", "language: de", "data_folder: ../x"])
def test_wrong_value_costs_only_itself(line: str) -> None:
    settings = section(f"{line}\nplaceholders: [XX公司]")
    assert fault(settings).span.line == 5
    assert settings.placeholders == ("XX公司",)
    assert (settings.review_notice_days, settings.scheme.name, settings.data_folder) == (30, "A/0", "manual")


def test_unknown_key_is_named_with_the_nearest() -> None:
    settings = section("standrds: [ISO 9001:2015]")
    assert (fault(settings).kind, fault(settings).details["nearest"]) == (FaultKind.UNKNOWN_KEY, "standards")


@pytest.mark.parametrize(
    "text",
    ["standards: {a: b}", "kinds: [procedure]", "kinds: procedure", "kinds: {procedure: manual}", "off: QM605",
     "profiles: x", "severity: [QM304]", "header_fields: x", "header_fields: {a: b}", "placeholders: {a: b}",
     "standards: [[a]]", "kinds: {procedure: {sections: {a: b}}}", "kinds: {procedure: {approvals: x}}"],
)  # fmt: skip
def test_wrong_shape_is_a_fault_with_its_line(text: str) -> None:
    settings = section(text)
    assert settings.faults
    assert all(one.span.line == 5 for one in settings.faults)
    assert settings.kinds == DEFAULT_KINDS


@pytest.mark.parametrize(
    "text",
    [
        "plugins:\n  - qmanual:\n      off: {QM605: x\n",
        "plugins:\n\t- qmanual\n",
        "plugins: [qmanual\n",
        "plugins:\n  - qmanual: *x\n",
        "plugins:\n  - ? [a]\n    : b\n",
        "plugins:\n  - 1: 2\n",
        "plugins: [[[[[[qmanual]]]]]]\n",
        "- a\n- b\n",
        "plugins: &x [*x]\n",
    ],
)
def test_broken_file_is_no_crash(text: str) -> None:
    settings = read(text)
    assert settings.kinds == DEFAULT_KINDS


def test_an_english_manual_is_told_of_its_sections_in_english() -> None:
    settings = "plugins:\n  - qmanual: {language: en}\n"
    head = "---\nid: QP-7.5-01\ntitle: Documents\n---\n# Documents\n\n"
    text = f"{head}## 1 Purpose\n\n## 3 Procedure\n\nx\n\n## 2 Scope\n\nx\n"
    found = check({"mkdocs.yml": settings, "procedures/QP-7.5-01.md": text})
    told = [one.details["section"] for one in found if one.code in ("QM601", "QM602", "QM603")]
    assert "Purpose" in told and "Responsibilities" in told and all(name.isascii() for name in told)
