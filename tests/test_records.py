"""Records: keys that last, one way to write a value, and what is wrong with what was filled in."""

import json
import re
from datetime import date, datetime

import pytest
from filled import BODY, HEADER, LIMITS, SOUND_VALUES, TEXT, document, form, values
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from qmanual.model import FieldType
from qmanual.records import Field, Form, gather, normal, read_record, record_json, schema, slots, spread, validate
from qmanual.records.places import places
from qmanual.records.record import record_of
from qmanual.records.slots import settled

FORM = form()


class TestForm:
    def test_shapes(self) -> None:
        kinds = {field.key: field.type.value for field in FORM.fields}
        assert kinds == {
            "number": "text", "开单日期": "date", "产品名称(型号)": "text", "数量": "integer", "损失": "number",
            "=公差": "text", "隔离措施": "choice", "隔离措施_其他": "text", "处置方式": "one of", "顾客批准": "text",
            "温度": "text", "温度_2": "text", "不合格描述": "text", "检验员": "text", "检验员日期": "date",
            "主管": "text", "主管日期": "date", "项目表": "rows", "结果表": "rows",
        }  # fmt: skip

    def test_rows(self) -> None:
        table = FORM.by_key["项目表"]
        assert table.rows == 3
        assert [column.key for column in table.columns] == ["项目", "实测值", "结论", "标记", "复检日期", "说明"]
        assert table.columns[4].type is FieldType.DATE
        assert FORM.by_key["结果表"].grid[1] == ("外观", "", "")

    def test_keys_stay_when_fields_move_and_others_come(self) -> None:
        lines = [line for line in BODY.split("\n") if line.startswith(("| 损失", "| 顾客批准"))]
        moved = BODY.replace(lines[0], "@").replace(lines[1], lines[0]).replace("@", lines[1])
        more = moved.replace("不合格描述：", "班次：______\n\n不合格描述：")
        assert {field.key for field in form(HEADER + LIMITS + more).fields} == {*FORM.by_key, "班次"}

    def test_keys_do_not_hang_on_the_width_of_signs(self) -> None:
        other = form(HEADER + LIMITS + BODY.replace("（型号）", "(型号)"))
        assert [field.key for field in other.fields] == [field.key for field in FORM.fields]

    def test_equal_labels_are_told_apart(self) -> None:
        twice = form(HEADER + LIMITS + BODY + "\n检验员：______\n\n______\n")
        assert [field.key for field in twice.fields][-2:] == ["检验员#2", "unnamed19"]

    def test_every_slot_has_a_name_of_its_own_that_a_pdf_can_bear(self) -> None:
        names = [slot.name for slot in slots(FORM)]
        assert len(names) == len(set(names))
        assert not any("." in name for name in names)

    def test_every_place_belongs_to_a_field(self) -> None:
        found = [place for file in places(document(), FORM).values() for place in file]
        assert [place.kind for place in found].count("cell") == 6 + 4 * 3 + 4
        assert all(place.name for place in found)
        assert [place.name for place in found if place.further] == ["不合格描述"]


def field(kind: FieldType, **more: object) -> Field:
    return Field(key="k", label="k", type=kind, **more)  # type: ignore[arg-type]


class TestNormal:
    @pytest.mark.parametrize(
        "given",
        [
            "2026-05-01", "2026年5月1日", "2026 年 5 月 1 日", "２０２６年５月１日", "2026/5/1", "2026.05.01",
            "20260501", "二〇二六年五月一日", "二零二六年五月一日", " 2026-5-1 ", date(2026, 5, 1),
            datetime(2026, 5, 1), "2026-05-01 00:00:00", "2026-05-01T00:00",
        ],
    )  # fmt: skip
    def test_dates(self, given: object) -> None:
        assert normal(field(FieldType.DATE), given) == "2026-05-01"

    def test_chinese_days(self) -> None:
        kind = field(FieldType.DATE)
        assert normal(kind, "二〇二五年十二月三十一日") == "2025-12-31"
        assert normal(kind, "二〇二五年十月二十号") == "2025-10-20"

    @pytest.mark.parametrize(
        "given", ["2026-02-30", "5月1日", "26-5-1", "2026-05-01 08:30", "明天", "2026-13-01", 46000]
    )
    def test_what_is_no_date_stays_and_is_told(self, given: object) -> None:
        kept = normal(field(FieldType.DATE), given)
        assert validate(_form(field(FieldType.DATE)), {"k": kept})

    @pytest.mark.parametrize(
        ("given", "read"),
        [
            ("12", 12), ("１２", 12), ("12 件", 12), ("12件", 12), ("1,200", 1200), ("1，200", 1200), ("12.0", 12),
            (12.0, 12), ("-3", -3), ("−3", -3), ("+3", 3), ("007", 7),
        ],
    )  # fmt: skip
    def test_integers(self, given: object, read: int) -> None:
        got = normal(field(FieldType.INTEGER, unit="件"), given)
        assert (got, type(got)) == (read, int)

    @pytest.mark.parametrize("given", [float("inf"), float("-inf"), float("nan"), 10**4000, -(10**4000), 1e301])
    @pytest.mark.parametrize("kind", [FieldType.INTEGER, FieldType.NUMBER, FieldType.TEXT, FieldType.DATE])
    def test_numbers_that_no_json_holds_are_texts(self, given: float, kind: FieldType) -> None:
        got = normal(field(kind), given)
        assert isinstance(got, str)
        assert kind is FieldType.TEXT or validate(_form(field(kind)), {"k": got})

    @pytest.mark.parametrize("given", ["12.5", "一二", "1e3", "12 个", True, "1,20", "12345678901234567", "", "nan"])
    def test_what_is_no_integer_is_never_guessed(self, given: object) -> None:
        got = normal(field(FieldType.INTEGER, unit="件"), given)
        assert not isinstance(got, int) or isinstance(got, bool)

    def test_choices_in_the_order_of_the_form_each_once(self) -> None:
        kind = field(FieldType.CHOICE, options=("甲", "乙 1", "丙"))
        assert normal(kind, ["丙", "乙１", "丙"]) == ["乙 1", "丙"]
        assert normal(kind, "甲") == ["甲"]
        assert normal(kind, []) is None

    def test_rows_keep_their_places(self) -> None:
        kind = FORM.by_key["项目表"]
        assert normal(kind, [{}, {"项目": " 外观 "}, {"说明": ""}, {}]) == [{}, {"项目": "外观"}]

    @given(values(FORM))
    def test_is_normal_once_and_for_all(self, found: dict[str, object]) -> None:
        once = settled(FORM, found)
        assert settled(FORM, once) == once
        assert settled(FORM, json.loads(json.dumps(once))) == once

    @given(values(FORM))
    def test_spread_and_gathered_is_the_same(self, found: dict[str, object]) -> None:
        whole = settled(FORM, found)
        assert gather(FORM, spread(FORM, whole)) == whole

    @given(st.text(max_size=30), st.sampled_from(FieldType))
    def test_any_text_is_read_as_something_or_told(self, given: str, kind: FieldType) -> None:
        validate(_form(field(kind, options=("甲",))), {"k": normal(field(kind, options=("甲",)), given)})


def _form(one: Field) -> Form:
    return Form(id="F", title="f", revision="A/0", digest="d", fields=(one,))


def told(content: dict[str, object]) -> list[tuple[str, str]]:
    return [(trouble.place, trouble.why) for trouble in validate(FORM, settled(FORM, {**SOUND_VALUES, **content}))]


class TestValidation:
    def test_a_sound_record(self) -> None:
        assert told({}) == []

    @pytest.mark.parametrize(
        ("content", "place", "why"),
        [
            ({"number": None}, "处置单编号", "must be filled in"),
            ({"number": "NCR-26-1"}, "处置单编号", "is not written as it must be"),
            ({"number": "NCR-2026-００1"}, "处置单编号", "is not written as it must be"),
            ({"开单日期": "2026年2月30日"}, "开单日期", "is no date"),
            ({"数量": "十二"}, "数量", "must be a whole number"),
            ({"数量": 0}, "数量", "is less than"),
            ({"数量": 10000}, "数量", "is more than"),
            ({"损失": "很多"}, "损失", "must be a number"),
            ({"处置方式": "报废"}, "处置方式", "“{option}” is none of the options"),
            ({"处置方式": ["返工"]}, "处置方式", "“{option}” is none of the options"),
            ({"隔离措施": ["蓝色标签"]}, "隔离措施", "“{option}” is none of the options"),
            ({"顾客批准": "x" * 4001}, "顾客批准", "is longer than"),
            ({"顾客批准": 5.5, "检验员": ["x"]}, "检验员", "must be a text"),
            ({"班次": "白班"}, "班次", "the form has no such field"),
            ({"处置方式": "让步接收"}, "顾客批准", "must be filled in: {message}"),
            ({"项目表": [{"结论": "合格"}]}, "项目… 1 · 项目", "must be filled in"),
            ({"项目表": [{}, {"项目": "a", "复检日期": "x"}]}, "项目… 2 · 复检日期", "is no date"),
            ({"项目表": [{"项目": "a", "结论": "不合格"}]}, "项目… 1 · 说明", "must be filled in: {message}"),
            ({"项目表": [{"项目": "a"}] * 4}, "项目…", "has {count} rows"),
            ({"项目表": [{"项目": "a", "别的": "b"}]}, "项目… 1 · 别的", "the form has no such field"),
            ({"项目表": "x"}, "项目…", "must be a list of rows"),
        ],
    )
    def test_names_field_and_reason(self, content: dict[str, object], place: str, why: str) -> None:
        assert [(at, what[: len(why)]) for at, what in told(content)] == [(place, why)]

    def test_a_pattern_cannot_keep_the_reader_busy(self) -> None:
        one = field(FieldType.TEXT, pattern="(a*)*b")
        assert validate(_form(one), {"k": "a" * 5000})

    @settings(max_examples=60)
    @given(values(FORM))
    def test_the_schema_says_the_same(self, found: dict[str, object]) -> None:
        record = record_of(FORM, found)
        data = json.loads(record_json(record))
        checker = Draft202012Validator(schema(FORM), format_checker=FormatChecker())
        rows = [t for t in validate(FORM, record.values) if not re.search(r" \d · .*|message", t.place + t.why)]
        by_schema = [error for error in checker.iter_errors(data) if "项目表" not in str(error.absolute_path)]
        by_schema = [error for error in by_schema if "allOf" not in error.absolute_schema_path]
        assert bool(rows) == bool(by_schema)

    def test_the_schema_holds_a_sound_record_and_is_one(self) -> None:
        Draft202012Validator.check_schema(schema(FORM))
        whole = json.loads(record_json(record_of(FORM, SOUND_VALUES)))
        Draft202012Validator(schema(FORM)).validate(whole)
        wrong = json.loads(record_json(record_of(FORM, {**SOUND_VALUES, "处置方式": "让步接收"})))
        assert not Draft202012Validator(schema(FORM)).is_valid(wrong)


class TestRecordFile:
    @given(values(FORM))
    def test_round_trip(self, found: dict[str, object]) -> None:
        record = record_of(FORM, found)
        assert read_record(record_json(record)) == record

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "1", "{}", '{"form": 1}', '{"form":"a","revision":"b","digest":"c","values":[]}',
         '{"form":"a","form":"b","revision":"b","digest":"c","values":{}}',
         '{"form":"a","revision":"b","digest":"c","values":{"n":NaN}}',
         '{"form":"a","revision":"b","digest":"c","values":{"n":1e999}}',
         '{"form":"a","revision":"b","digest":"c","values":{"n":' + "[" * 20 + "]" * 20 + "}}",
         '{"form":"a","revision":"b","digest":"c","values":{"n":' + '{"n":' * 980 + "1" + "}" * 982,
         '{"form":"a","revision":"b","digest":"c","values":{"n":"' + "x" * 10, "[" * 100_000],
    )  # fmt: skip
    def test_what_is_none(self, text: str) -> None:
        assert read_record(text) is None


def test_the_text_of_the_tests_has_every_type() -> None:
    assert {field.type for field in FORM.fields} == set(FieldType)
    assert TEXT.endswith(BODY)
