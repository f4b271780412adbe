"""What reaches a page as HTML: no spelling of it slips through, and what is plainly code does not count.

The renderer is the witness: whatever it lets through to the browser, the rules must have said before.
"""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manuals import check, register

from qmanual.checks.example import SOUND
from qmanual.checks.link import anchors
from qmanual.checks.safety import active_content, dangerous_address, event_attribute
from qmanual.finding import Finding
from qmanual.parse.inert import Inert
from qmanual.parse.tags import decoded, find_tags, unescaped
from qmanual.render.markdown import render
from qmanual.source import SourceFile

PATH = "procedures/QP-7.5-01.md"


def manual(text: str) -> dict[str, str]:
    return {PATH: f"---\nid: QP-7.5-01\n---\n{text}"}


def unsafe(text: str) -> list[Finding]:
    return [finding for finding in check(manual(text)) if finding.code.startswith("QM8") and finding.code < "QM808"]


class _Browser(HTMLParser):
    """Notes what would run; lenient, as browsers are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.runs: list[str] = []
        try:
            self.feed(page)
        except AssertionError:  # Python gives up on some declarations that browsers pass over
            self.runs.clear()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.runs += [tag] if tag in ("script", "iframe") else []
        self.runs += [name for name, value in attrs if name.startswith("on") and value]
        plain = [re.sub(r"[\x00-\x20]", "", value).lower() for _, value in attrs if value]
        self.runs += [value for value in plain if value.startswith("javascript:")]


MARKUP = (
    "<script>x</script>", "<script src=x>", "<img src=x onerror=y>", "<b/onclick=y>", "[a](javascript:x)",
    "![b](javascript:x)", '<a href="javascript:x">', "[r]: javascript:x", "[z][r]", "{: onclick=x }",
    "<iframe src=x>", "<!--", "-->", "<!-->", "--!>", "<div>", "</div>", "<div markdown>", "<a title='", '<a title="',
    "'>", '">', "<?", "?>", "<![CDATA[", "]]>", "<pre>", "</pre>", "<style>", "<textarea>", "<code>", "</code>",
    "<br>", "<", ">", "&lt;", '"', "\x02", "\x03",
)  # fmt: skip
WRITING = (
    "`", "`", "``", "```", "```\n", "~~~\n", "```html\n", "``` a b\n", "\n", "\n", "\n\n", "- ", "1. ", "> ", "    ",
    "  ", "\t", "# h", "text", "\\", "| a | b |\n|---|---|\n", "|", "[^1]: ", "!!! note\n", "term\n:   ", "***\n",
    "====\n", "*", "_", "=",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(MARKUP + WRITING), min_size=2, max_size=14).map("".join))
def test_what_runs_in_the_page_was_reported(text: str) -> None:
    runs = _Browser(render(text).html).runs
    found = [list(rule.check(register(manual(text)))) for rule in (active_content, event_attribute, dangerous_address)]
    assert not runs or any(found)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from((*MARKUP[:4], "<!-- ", "-->", *WRITING)), min_size=2, max_size=14).map("".join))
def test_code_that_is_none_was_reported(text: str) -> None:
    test_what_runs_in_the_page_was_reported.hypothesis.inner_test(text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        "<script>", "<SCRIPT\n>", "<script/x>", "<script src=//a.cn/x.js", "</p><script>", "<scr\x02ipt>",
        "<\x03script>", "&lt;<script>", "<object data=x>", "<embed>", "<applet>", "<form>", "<input>", "<button>",
        "<select>", "<textarea>", "<style>", "<base href=x>", "<link rel=x>", "<meta http-equiv=refresh>",
        "<iframe srcdoc=x>", "<frame>", "<template>", "<svg><script>", "<svg><animate>", "<math><svg:script>",
        "<plaintext>", "<img/onerror=x src=#>", "<img\nonerror\n=\nx>", '<img src="a"onerror=x>',
        "<img src='>' onerror=x>", "<b OnClIcK=x>", "<b on\x00click=x>", "<a title='<b onclick=x>'>",
        "<b <i onclick=x>", "<svg/onload=x>", "甲{: onclick=x }", "甲{#a .b onclick='x'}", "# 甲 {onclick=x}",
        "```{.html onclick=x}\n```", "[a](javascript:x)", "[a](\tjavascript:x)", "[a](<javascript:x>)",
        "[a](JAVASCRIPT:x)", "[a](&#106;avascript:x)", "[a](&#x000000000000006a;avascript:x)",
        "[a](&#0000000000000000000000106avascript:x)", "[a](java&NewLine;script:x)", "[a](javascript&colon;x)",
        "[a](%6aavascript:x)", "[a](javascript\\:x)", "[a](vbscript:x)", "[a](data:text/html,x)",
        "![a](javascript:x)", "[a]\n\n[a]: javascript:x", "[a]\n\n[a]:\n    javascript:x", "<a href=javascript:x>",
        "<a href=' javascript:x'>", "<a xlink:href=javascript:x>", "<javascript:x>", "甲{: href=javascript:x }",
        "]\x02(javascript:x)", "![a](http://a.cn/x.png)", "![a](//a.cn/x.png)", "![a](\\\\\\\\a.cn/x.png)",
        "![a][b]\n\n[b]: http://a.cn/x.png", "![b]\n\n[b]: //a.cn/x", "![`]`](http://a.cn/x.png)",
        "<img src=http://a.cn/x>", "<img srcset='a.png, //a.cn/x 2x'>", "<video poster=//a.cn/x>",
        "<b style='background:url(//a.cn/x)'>", "<b style='x:url(\"https://a.cn\")'>", "<table background=//a.cn/x>",
        "<audio src=//a.cn/x>",
    ],
)  # fmt: skip
def test_no_spelling_slips_through(text: str) -> None:
    assert unsafe(f"甲\n\n{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "a < b", "a<b", "1<x<5 且 y>3", "a<b 或 c>d", "List<String>", "Map<K, V>", "vector<int> x",
        "<https://a.cn/?onclick=x>", "<a@b.cn>", "第一行<br>第二行<br/>", "H<sub>2</sub>O",
        "<span style='color:red'>甲</span>", "<b title='onclick=x'>", "<details><summary>甲</summary></details>",
        "<!-- <script> -->", "`<script>`", "``<script> ` ``", "`[a](javascript:x)` 和 `<b onclick=x>`",
        "```\n<script>\n```", "~~~~ html\n<script>\n~~~~", "1. 甲\n\n    ```\n    <script>\n    ```",
        "甲\n\n    <script>", "[a](https://a.cn/?u=javascript:x)", "[javascript:](b.md#x)"[:14] + "](https://a.cn)",
        "javascript: 是一种地址", "![a](data:image/png;base64,AA)", "{only=1}", "{a: 1}", "{x=on}", "&lt;script&gt;",
        "<img src='data:image/png;base64,AA' alt='javascript:'>", "x <y> z", "<p>甲</p>", "<!-- a --><!-- b -->",
    ],
)  # fmt: skip
def test_harmless_writing_is_left_alone(text: str) -> None:
    assert unsafe(f"甲\n\n{text}\n") == []


# -- the pieces ----------------------------------------------------------------------------------------------------


def test_tags_are_read_as_a_browser_reads_them() -> None:
    (tag,) = find_tags("x <IMG/src=a.png ALT='b c'onerror = \"f(&#49;)\" hidden>")
    assert (tag.name, [(one.name, one.value) for one in tag.attributes]) == (
        "img", [("src", "a.png"), ("alt", "b c"), ("onerror", "f(1)"), ("hidden", "")],
    )  # fmt: skip


def test_an_attribute_knows_where_its_value_stands() -> None:
    text = "<a title=x href='b.md'>"
    one = next(find_tags(text)).attributes[1]
    assert (text[one.start : one.end], text[one.at : one.to]) == ("href='b.md'", "b.md")


@pytest.mark.parametrize(
    ("text", "plain"), [("&#106;&#x6A;&amp;&nbsp", "jj&\xa0"), ("&#" + "9" * 9000 + ";", "\ufffd"), ("&#;", "\ufffd")]
)
def test_entities(text: str, plain: str) -> None:
    assert unescaped(text) == plain


def test_an_address_as_a_browser_takes_it() -> None:
    assert decoded(" <J&#97;va%53cript\t&colon;x>") == "javascript:x>"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("甲 `乙` 丙\n", "`乙`"),
        ("```\n乙\n```\n", "乙\n"),
        ("甲\n\n    乙\n", "    乙"),
        ("<!-- 乙 -->\n", "<!-- 乙 -->"),
        ("<div>\n`乙`\n", ""),
        ("- 甲\n\n    乙\n", ""),
        ("```\n乙\n", ""),
        ("甲 ` 乙\n- ` 丙\n", ""),
    ],
)
def test_inert(text: str, code: str) -> None:
    inert = Inert(SourceFile(PATH, text), 0)
    assert "".join(character for at, character in enumerate(text) if at in inert) == code


# -- anchors -------------------------------------------------------------------------------------------------------

HEADINGS = st.lists(
    st.sampled_from([
        "1 范围", "5.1 总则", "Scope", "scope", "A & B", "a_b", "**粗** 体", "`代码` x", "甲（乙）", "_强_ 调", "C#",
        "", "第三章 职责", "1、目的", "[链](a.md) 接", "x {#own}", "y {: #own2 .b }", "&lt;b&gt;", "a<br>b", "甲 — 乙",
        "a\\*b", "2.1", "FMEA/8D", "甲  乙", "x_1", "*斜*",
    ]),
    max_size=8,
)  # fmt: skip


@given(HEADINGS)
def test_anchors_are_those_of_the_page(headings: list[str]) -> None:
    text = "".join(f"## {heading}\n\n正文\n\n" for heading in headings)
    document = register(manual(text)).documents[0]
    assert anchors(document.body) == set(re.findall(r'<h2 [^>]*?id="([^"]*)"', render(text).html))


def test_sound_manual_is_safe() -> None:
    assert not [finding for finding in check(SOUND) if finding.code.startswith("QM8")]
