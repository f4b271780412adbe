"""The company's own templates: what they may hold, what they may not, and that what passes never fails."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manuals import check, register
from test_branding import AT, EN, ZH, framed, page
from test_print import FORM, HEADER, bodies, entry

from qmanual.checks.report import message
from qmanual.control.status import Status
from qmanual.model import Text
from qmanual.model.branding import Branding, Field, Slot
from qmanual.parse.frame import LIMIT, read_templates
from qmanual.parse.style import check_sheet
from qmanual.parse.template import HTML, TEXTS
from qmanual.pdf.printer import LOOK
from qmanual.render.frame import UNDECIDED, running
from qmanual.render.print import print_html


def causes(text: str, name: str = "cover.html", **others: str) -> list[tuple[str, int]]:
    """What is wrong in the folder; a cover without the document's name gets it at its end."""
    text += "{{ heading }}" * (name == "cover.html" and "heading" not in text)
    files = {f"t/{name}": text.encode(), **{f"t/{one}": more.encode() for one, more in others.items()}}
    return [(fault.details["cause"], fault.span.line) for fault in read_templates("t", files).faults]


@pytest.mark.parametrize(
    "text",
    [
        "<p>{{ company }} {{ number|upper }}</p>",
        "<p>{% if draft %}草稿{% elif void %}作废{% else %}{{ word }}{% endif %}</p>",
        "<table>{% for c in changes %}<tr><td>{{ loop.index }}</td><td>{{ c.summary }}</td></tr>{% endfor %}</table>",
        "<p>{{ departments|join('、') }} {{ 'x' if release else 'y' }}</p>{{ facts }}",
        '<div class="{% if draft %}a{% else %}b{% endif %}">{{ logo }}</div>',
        "<p>{% if status == 'x' and not draft or language != 'zh' %}1{% endif %}</p>",
        "{# remark #}<br/>",
        '<table style="width: 100%; border: 0.5pt solid #333"><tr><td colspan="2" lang="zh-CN">a</td></tr></table>',
        '<div style="display:flex; justify-content:space-between"><span>a &amp; b</span><b>{{ page }}</b></div>',
        "<p class='a {{ language }} {% if void %}b{% endif %}'>{% for a in approvals %}{{ a.name }}, {% endfor %}</p>",
        "<table><tr style='color:#fff;background-color:#1f4e79'><td>{{ number }}</td></tr></table>",
    ],
)
def test_what_a_template_may_hold(text: str) -> None:
    assert causes(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{{ ''.__class__ }}", 1),
        ("\n{{ company.__class__.__mro__ }}", 2),
        ("{{ company['x'] }}", 1),
        ("{{ self }}", 1),
        ("{{ range(9) }}", 1),
        ("{{ lipsum() }}", 1),
        ("{{ cycler.__init__.__globals__ }}", 1),
        ("{{ company|attr('x') }}", 1),
        ("{{ company|safe }}", 1),
        ("{{ company|center(99999999) }}", 1),
        ("{{ 'a' * 999999999 }}", 1),
        ("{{ company ~ company }}", 1),
        ("{% set a = 1 %}", 1),
        ("{% import 'x.html' as x %}", 1),
        ("{% from 'x.html' import x %}", 1),
        ("{% extends 'x.html' %}", 1),
        ("{% include '../../etc/passwd' %}", 1),
        ("{% include company %}", 1),
        ("{% include 'cover.html' %}", 1),
        ("{% macro m() %}{{ m() }}{% endmacro %}", 1),
        ("{% for a in changes %}{% for b in changes %}x{% endfor %}{% endfor %}", 1),
        ("{% for a in changes recursive %}{{ loop(a) }}{% endfor %}", 1),
        ("{% for a in company %}x{% endfor %}", 1),
        ("{% for a in changes %}{{ a.password }}{% endfor %}", 1),
        ("{{ titel }}", 1),
        ("{% if %}", 1),
        ("<p>\n{{ company }\n", 2),
        ("<p>\n\n<script>1</script></p>", 3),
        ("<p onclick='x'>1</p>", 1),
        ("<p style='background:url(file:///etc/passwd)'>1</p>", 1),
        ("<img src='file:///etc/passwd'/>", 1),
        ("<a href='javascript:1'>1</a>", 1),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><p>&a;</p>", 1),
        ("<?xml-stylesheet href='x'?>", 1),
        ("<p>1", 1),
        ("<p>{% if draft %}</p>{% endif %}", 1),
        ("{% for c in changes %}<tr>{% endfor %}", 1),
        ("<p class='{{ logo }}'>1</p>", 1),
        ("<br>", 1),
        ("<p>&nbsp;</p>", 1),
        # of Jinja: what fails only when it is run
        ("{{ departments|join('、', '__class__') }}", 1),
        ("{{ number|upper(1) }}", 1),
        ("{{ number|trim(1) }}", 1),
        ("{{ " + "1" * 5000 + " }}", 1),
        ("{{ 0x" + "f" * 5000 + " }}", 1),
        ("{{ '\\ud800' }}", 1),
        ("{% autoescape false %}{{ title }}{% endautoescape %}", 1),
        ("{% if draft %}" * 60 + "{% endif %}" * 60, 1),
        ("{% if " + "not " * 150 + "draft %}x{% endif %}", 1),
        ("{% if " + " and ".join(["draft"] * 3000) + " %}x{% endif %}", 1),
        ("{% if draft %}" + "{% elif draft %}" * 1000 + "{% endif %}", 1),
        ("{% for title in changes %}{{ title.by }}{% endfor %}", 1),
        ("{% for c in changes %}{{ history }}{% endfor %}", 1),
        # of HTML: what is well-formed with one document and not with another
        ('<p class={% if draft %}"a"{% endif %}>x</p>', 1),
        ('<p {% if draft %}class="a"{% endif %}>x</p>', 1),
        ("""<p class="{% if draft %}x" {% endif %}{% if void %}lang="zh{% endif %}">x</p>""", 1),
        ("<!-- {{ title }} -->", 1),
        ("<!-- -{% if draft %}-{% endif %}> <script>1</script> -->", 1),
        ("<![CDATA[ {{ title }} ]]>", 1),
        ("&#xD{% if draft %}8{% endif %}{% if void %}00{% endif %};", 1),
        ("&#x{{ number }};", 1),
        ("<p \ufdd0='x'>x</p>", 1),
        ('<p lang="{{ title }}">x</p>', 1),
        ('<p style="width:{{ title }}">x</p>', 1),
        ("<div>" * 50 + "</div>" * 50, 1),
        ('<table><tr><td colspan="99999999">x</td></tr></table>', 1),
        # what would lie over the text, or leave the page
        ('<div style="position:fixed;top:0;width:100%;height:100%;background-color:#fff">x</div>', 1),
        ('<div style="position:absolute">x</div>', 1),
        ('<div style="margin-top:-200mm">x</div>', 1),
        ('<div style="width:1e9px">x</div>', 1),
        ('<div style="color:#fff">x</div>', 1),
        ('<div style="color:#777;background-color:#888">x</div>', 1),
        ('<div style="display:none">x</div>', 1),
        ("<p>\n<i style=\"background:url('x')\">x</i></p>", 2),
    ],
)
def test_what_a_template_may_not_hold_is_told_with_its_line(text: str, line: int) -> None:
    found = causes(text)
    assert [at for _, at in found] == [line]
    assert read_templates("t", {"t/cover.html": text.encode()}).pieces == {}


def test_what_would_grow_without_end_is_refused() -> None:
    assert causes("x" * (LIMIT + 1)) != []
    assert causes("{% for c in changes %}" + "x" * 3000 + "{% endfor %}") != []
    circle = {"a.html": "{% include 'b.html' %}", "b.html": "{% include 'a.html' %}"}
    assert causes("{% include 'a.html' %}", **circle) != []
    deep = "{% if draft %}" * 2000 + "{% endif %}" * 2000
    assert causes(deep) != []


def test_a_file_that_nothing_uses_is_told() -> None:
    assert causes("<p/>", name="heder.html") != []
    assert causes("{% include 'part.html' %}", **{"part.html": "<p>{{ number }}</p>"}) == []


def test_files_that_include_each_other_many_times_end_soon() -> None:
    laughs = {f"a{at}.html": f"{{% include 'a{at + 1}.html' %}}" * 10 for at in range(12)} | {"a12.html": "x"}
    assert causes("{% include 'a0.html' %}", **laughs) != []
    row = {f"a{at}.html": f"{{% include 'a{at + 1}.html' %}}" for at in range(30)} | {"a30.html": "x"}
    assert causes("{% include 'a0.html' %}", **row) != []


def test_a_cover_names_the_document_once() -> None:
    for text in ("<p>x</p>", "{{ heading }}{{ heading }}", "{% if draft %}{{ heading }}{% endif %}"):
        assert read_templates("t", {"t/cover.html": text.encode()}).faults, text
        assert read_templates("t", {"t/form-head.html": text.encode()}).faults, text
    part = {"t/cover.html": b"<div>{% include 'part.html' %}</div>", "t/part.html": b"{{ heading }}"}
    assert read_templates("t", part).faults == ()


@pytest.mark.parametrize(
    ("name", "text", "piece"),
    [
        ("header.html", "{{ heading }}", "heading"),
        ("footer.html", "{% if draft %}{{ signatures }}{% endif %}", "signatures"),
        ("header.html", "{{ history }}", "history"),
        ("form-foot.html", "{{ heading }}", "heading"),
    ],
)
def test_what_stands_once_does_not_run_along(name: str, text: str, piece: str) -> None:
    assert causes(text, name=name) == [("{piece} has no place in this file", 1)], piece


def test_one_of_two_running_lines_tells_how_the_text_stands() -> None:
    assert causes("<p>{{ number }}</p>", "header.html", **{"footer.html": "<p>{{ page }}</p>"}) != []
    assert causes("<p>{{ number }}</p>", "header.html", **{"footer.html": "{% if draft %}{{ word }}{% endif %}"}) != []
    assert causes("<p>{{ number }}</p>", "header.html", **{"footer.html": "<p>{{ standing }}</p>"}) == []
    assert causes("<p>{{ number }}</p>", "header.html") == []


@pytest.mark.parametrize(
    ("branding", "shown"),
    [
        (Branding(footer={Slot.CENTRE: (Field.PAGE,)}), ()),
        (Branding(header={}, footer={}), ()),
        (Branding(header={Slot.LEFT: (Field.STATUS,)}, footer={}), ()),
        (Branding(footer={}, valid_days=3, confidentiality="内部资料"), ("打印件有效期至", "内部资料")),
    ],
)
def test_what_must_be_told_gets_a_place(branding: Branding, shown: tuple[str, ...]) -> None:
    """The company's own fields leave the status out, or what it asks for elsewhere: a page tells them all the same."""
    frame, _ = framed(branding, today=date(2026, 11, 20))
    of = register({"procedures/QP-1.md": HEADER})
    told = running(entry(of, "QP-1"), "示例公司", False, frame, ZH)
    lines = "".join(text for text, _ in told.values())
    assert [lines.count(word) for word in ("受控", *shown)] == [1] * (1 + len(shown))


def test_with_a_footer_of_the_company_that_does_not_tell_it_the_status_stands_above() -> None:
    frame, _ = framed(Branding(templates=Text("t", AT)), {"t/footer.html": b"<p>{{ page }}</p>"})
    assert frame.lines["top"][Slot.LEFT][-1] is Field.STATUS
    frame, _ = framed(Branding(templates=Text("t", AT)), {"t/footer.html": b"<p>{{ standing }}</p>"})
    assert frame.lines["top"][Slot.LEFT][-1] is not Field.STATUS


# -- style ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a{background:url(x)}", "@import 'x';", "@font-face{}", "a{b:'\\75rl'}", "</style>", "@media print{a{}}",
        # what hides a text, moves it, covers it, adds to it
        "section{display:none}", "section{visibility:hidden}", "p{opacity:0}", "p{font-size:1pt}", "p{font-size:0}",
        "p{color:#fff}", "p{color:transparent}", "p{color:#eee;}", "p{line-height:0}", "p{text-indent:-999em}",
        "p{margin:0 0 0 -200mm}", "p{padding-left:100%}", "p{position:absolute}", "p{transform:scale(0)}",
        "p::before{content:'not '}", "p{content:'x'}", "@page{background:none}", "p{white-space:nowrap}",
        "@page{margin:0}", "@page{size:A6}", "@page{@top-left{content:'x'}}", "p{color:#000 !important}",
        "ol{list-style-type:disc}", "del{text-decoration:none}", "sup{vertical-align:baseline}", "p{order:3}",
        # what could be read in two ways
        "p{color:#000;/*}", "p{color:#000", "p}", "p{q{color:#000}}", "p{color:'#000'}", "{", "p", "p{;;:}",
        "[x='}'] {color:#000}", "@page{@top-left{@top-left{}}}",
    ],
)  # fmt: skip
def test_a_style_sheet_may_not(text: str) -> None:
    found = read_templates("t", {"t/style.css": f"\n{text}".encode()})
    assert [fault.span.line for fault in found.faults] == [2]
    assert found.style == ""


@pytest.mark.parametrize(
    "text",
    [
        ".qm-title { letter-spacing: 0.1em }",
        "/* ours\n */\nh2, h3 > b { color: #1f4e79; border-bottom: 0.5pt solid #999 }\n\ntd { padding: 1mm 2mm }",
        "th { color: #fff; background-color: #1f4e79 } .own td:first-child { width: 30mm }",
        "@page { margin: 26mm 20mm 22mm; @top-left { font-size: 8pt; color: #555 } }",
        "@page :first { margin-top: 40mm }",
        'body { font-family: "Company Text", QManual Sans; line-height: 1.6; text-align: left }',
        "h1 { break-before: page; font-weight: bold; font-size: 18pt; margin: 0 auto 0.5em }",
        "",
    ],
)
def test_a_style_sheet_may(text: str) -> None:
    check_sheet(text)


@pytest.mark.parametrize("sheet", [LOOK, *sorted((LOOK.parent / "looks").glob("*.css"))], ids=lambda path: path.stem)
def test_what_has_a_ground_of_ours_has_our_ink(sheet: Path) -> None:
    """So that a sheet of the company's that writes light on dark never writes light on our light ground."""
    for rule in re.findall(r"[^{}]*\{[^{}]*background-color[^{}]*\}", sheet.read_text(encoding="utf-8")):
        assert re.search(r"[\s;{]color:", rule), rule


def test_blanks_without_end_are_read_soon() -> None:
    assert causes("<p></p>", **{"style.css": "p{font-family:a" + " " * 30_000 + "}"}) == []
    assert causes("<p></p>", **{"style.css": "/*" * 15_000}) != []


# -- the docs ------------------------------------------------------------------------------------------------------


def test_the_page_of_the_docs_names_all_values_and_its_example_is_taken() -> None:
    text = (Path(__file__).parent.parent / "docs" / "branding.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)`", next(line for line in text.split("\n") if line.startswith("可用的文字"))))
    assert told == TEXTS | HTML
    (example,) = re.findall(r"```html\n(.*?)```", text, re.DOTALL)
    assert causes(example) == []


# -- filled --------------------------------------------------------------------------------------------------------


def test_templates_of_the_company_stand_in_place_of_ours() -> None:
    files = {
        "t/cover.html": b"<p class='own'>{{ number }}/{{ company }}</p>{{ heading }}{{ signatures }}",
        "t/header.html": b"<table><tr><td>{{ title }}</td><td>{{ page }}/{{ pages }}</td></tr></table>",
    }
    frame, _ = framed(Branding(templates=Text("t", AT)), files)
    text = page(frame)
    assert '<p class="own">QP-1/示例公司</p>' in text.replace("'", '"')
    assert "qm-facts" not in text
    assert "element(qm-own-top)" in text
    assert 'role="presentation"' in text, "a table without heads only arranges"


_BITS = (
    "<p>", "</p>", "<b class='", "'>", "</b>", "<br/>", "x", "&amp;", "&#x", "D8", ";", "]]", ">", "<!-- ", " -->", '"',
    "{{ title }}", "{{ number }}", "{{ page }}", "{% if draft %}", "{% if void %}", "{% else %}", "{% endif %}",
    "{% for d in departments %}", "{{ d }}", "{% endfor %}", "{{ 'a' if draft }}", "{{ departments|join('<') }}",
)  # fmt: skip


@given(st.lists(st.sampled_from(_BITS), max_size=14).map("".join), st.text(min_size=1, max_size=20))
def test_what_passes_is_well_formed_with_every_document(text: str, title: str) -> None:
    templates = read_templates("t", {"t/form-foot.html": f"<div>{text}</div>".encode()})
    if not templates:
        return
    of = register({"forms/QR-1.md": FORM})
    document = of.by_id["QR-1"]
    named_so = replace(document, header=replace(document.header, title=Text(title, AT)))
    for status in (Status.DRAFT, Status.EFFECTIVE, Status.SUPERSEDED):
        one = replace(entry(of, "QR-1", status), document=named_so)
        printed = print_html(one, bodies(of, "QR-1"), "公司", of, ZH, frame=replace(UNDECIDED, templates=templates))
        ElementTree.fromstring(printed)


def filled_with(value: str) -> str:
    """A form's page with this as title and company, which a template shows in all places where it may."""
    text = "{{ heading }}<table class='{{ title }}'><tr><td>{{ title }}> {{ company|upper }}]]</td></tr></table>"
    frame, _ = framed(Branding(templates=Text("t", AT)), {"t/form-head.html": text.encode()})
    assert frame.templates
    of = register({"forms/QR-1.md": FORM})
    document = of.by_id["QR-1"]
    named_so = replace(document, header=replace(document.header, title=Text(value, AT)))
    return print_html(replace(entry(of, "QR-1"), document=named_so), bodies(of, "QR-1"), value, of, ZH, frame=frame)


@given(st.text(min_size=1, max_size=60))
def test_no_value_breaks_a_template(value: str) -> None:
    ElementTree.fromstring(filled_with(value))


@pytest.mark.parametrize("value", ["]]", "\x00<", "\x0b\x1f", "\ufffe", "<b>&amp;", "\ufdd0", '" onclick="x', "\ud800"])
def test_odd_values_break_no_template(value: str) -> None:
    ElementTree.fromstring(filled_with(value))


def test_what_is_refused_is_told_as_it_was_written() -> None:
    found = check({
        "mkdocs.yml": "plugins:\n  - qmanual:\n      branding: {templates: branding/t}\n",
        "branding/t/cover.html": "{{ heading }}\n<p>{{ company.__class__ }}</p>\n",
        "branding/t/footer.html": "<p>{{ page }}</p>",
    })  # fmt: skip
    (one,) = [one for one in found if one.code == "QM963"]
    assert (one.span.path, one.span.line) == ("branding/t/cover.html", 2)
    assert message(one, EN).endswith("<p>{{ company.__class__ }}</p>")
