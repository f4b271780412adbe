"""What a text does not show is told in words: flowcharts step by step, targets, levels, alignment, formats."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from disk import write
from redlines import SAY, made, of_html

from qmanual.checks.example import SOUND
from qmanual.control.redline import Side
from qmanual.control.redline.chart import Chart, Line, Step, compare_charts
from qmanual.model import Document
from qmanual.render.flowchart import flowchart
from qmanual.render.markdown import CannotRender, render
from qmanual.render.redline_chart import OPENED, chart_words, marked, read_chart
from qmanual.render.redline_document import Reading, Redline, compare_documents
from qmanual.render.redline_told import told
from qmanual.service.loading import load
from qmanual.source import SourceFile

PATH = "procedures/QP-7.5-01.md"
TABLE = "| 步骤 | 责任 |\n|---|{}|\n| 申请 | 甲部 |\n"
PICTURES = {"a.png": "1", "b.png": "2"}


def words(old: str, new: str) -> tuple[str, ...]:
    redline = made(old, new)
    assert redline.holds()
    return tuple(one for change in redline.changes for one in told(change, SAY))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (TABLE.format("---"), TABLE.format(":-:"), "“责任”列的对齐：默认 → 居中"),
        (TABLE.format("--:"), TABLE.format(":--"), "“责任”列的对齐：右对齐 → 左对齐"),
        ("见 [表](a.md)。", "见 [表](b.md)。", "链接目标：a.md → b.md"),
        ("见 [表一](a.md)。", "见 [表二](b.md)。", "链接目标：a.md → b.md"),
        ("见 [表](a.md)。", "见表。", "链接目标：a.md → （无）"),
        ("见[表](a.md)。", "见表。", "链接目标：a.md → （无）"),
        ("**不得**放行", "不得放行", "格式：加粗 → 普通文字"),
        ("## 目的\n", "### 目的\n", "2 级标题 → 3 级标题"),
        ("```python\na=1\n```", "```bash\na=1\n```", "格式：python 代码 → bash 代码"),
        ("- 甲\n- 乙\n", "1. 甲\n2. 乙\n", "项目符号列表 → 编号列表"),
        ("1. 甲\n2. 乙\n", "3. 甲\n4. 乙\n", "起始编号：（无） → 3"),
        ("![图](a.png)", "![图样](a.png)", "替代文字：图 → 图样"),
        ("![图](a.png)", "![图](a.png){: width=300}", "宽度：（无） → 300"),
        ("<p align='left'>甲</p>", "<p align='right'>甲</p>", "对齐：左对齐 → 右对齐"),
        ("<p style='text-align:left'>甲</p>", "<p style='text-align:right'>甲</p>", "对齐：左对齐 → 右对齐"),
    ],
)
def test_what_is_not_seen_is_told(old: str, new: str, said: str) -> None:
    assert words(old, new) == (said,)


def test_another_picture_under_the_same_words() -> None:
    old, new = (f'<p><img src="qmanual:file/{one}.png" alt="图"></p>' for one in "ab")
    redline = of_html(old, new, PICTURES)
    assert told(redline.changes[0], SAY) == ("图片已更换", "文件路径：a.png → b.png")
    assert 'data-note="图片已更换；文件路径：a.png → b.png"' in redline.html


def test_a_heading_of_another_level_stays_one_heading_with_its_edits() -> None:
    redline = made("## 目的和范围\n", "### 目的与范围\n")
    assert redline.holds()
    assert [change.kind.value for change in redline.changes] == ["changed"]
    assert "<h3" in redline.html and "<h2" not in redline.html and "<del>和</del><ins>与</ins>" in redline.html


# -- flowcharts --------------------------------------------------------------------------------------------------

OLD = """flowchart TD
  A[申请] --> B{批准？}
  B -->|是| C[发布]
  B -->|否| A
  C --> D[收回副本]
"""


def said(new: str, old: str = OLD) -> tuple[str, ...]:
    return chart_words(flowchart(old), flowchart(new), SAY)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("收回副本", "确认终端可查"), ("节点“收回副本”改为“确认终端可查”",)),
        (("  C --> D[收回副本]\n", ""), ("删除节点：“收回副本”", "删除连线：“发布” → “收回副本”")),
        (("|是|", "|同意|"), ("连线 “批准？” → “发布” 的文字：“是”改为“同意”",)),
        (("  B -->|否| A\n", ""), ("删除连线：“批准？” → “申请”（否）",)),
        (("C --> D", "C -.-> D"), ("连线 “发布” → “收回副本”：由实线改为虚线",)),
        (("C --> D", "C --- D"), ("连线 “发布” → “收回副本”：由实线改为实线、不带箭头",)),
        (("D[收回副本]", "D([收回副本])"), ("节点“收回副本”的图形改变",)),
        (("TD", "LR"), ("节点和连线不变，排列或分组不同",)),
        (
            ("  C --> D", "  C --> E[培训]\n  E --> D"),
            (
                "新增节点：“培训”",
                "新增连线：“发布” → “培训”",
                "新增连线：“培训” → “收回副本”",
                "删除连线：“发布” → “收回副本”",
            ),
        ),
    ],
)
def test_a_chart_is_told_step_by_step(change: tuple[str, str], told: tuple[str, ...]) -> None:
    assert said(OLD.replace(*change)) == told


def test_steps_with_other_letters_are_the_same_steps() -> None:
    letters = str.maketrans("ABCD", "WXYZ")
    other = "\n".join(line if "flowchart" in line else line.translate(letters) for line in OLD.split("\n"))
    assert chart_words(flowchart(OLD), flowchart(other), SAY) == ("节点和连线不变，排列或分组不同",)
    assert made(f"```mermaid\n{OLD}```", f"```mermaid\n{other}```").changes == ()


def test_a_letter_used_again_for_another_step_is_another_step() -> None:
    old = Chart(steps=(Step(key="A", said="甲"), Step(key="B", said="乙")), lines=(Line(begin="A", end="B"),))
    new = Chart(steps=(Step(key="B", said="甲"), Step(key="A", said="丙")), lines=(Line(begin="A", end="B"),))
    found = compare_charts(old, new)
    assert [(a.said if a else "", b.said if b else "") for a, b in found.steps] == [("", "丙"), ("乙", "")]
    assert len(found.lines) == 2


def test_a_mark_is_a_word_and_a_kind_of_line_as_well_as_a_colour() -> None:
    old, new = flowchart(OLD), flowchart(OLD.replace("  C --> D[收回副本]\n", "  C --> E[归档]\n"))
    before, after = marked(old, new, Side.OLD, SAY), marked(new, old, Side.NEW, SAY)
    assert "删" in before and 'stroke-dasharray="6 4"' in before and "增" in after and "删" not in after
    assert re.sub(rf"{re.escape(OPENED)}.*?</g>", "", before) == old
    assert re.sub(rf"{re.escape(OPENED)}.*?</g>", "", after) == new


def test_a_chart_is_read_back_from_its_drawing() -> None:
    chart = read_chart(
        flowchart('flowchart TD\n  subgraph G[组]\n  a_b["长 A"]\n  end\n  a_b ==>|"<1.2345>"| C_1((库))\n')
    )
    assert chart is not None
    assert {(step.key, step.said) for step in chart.steps} == {("G", "组"), ("a_b", "长 A"), ("C_1", "库")}
    assert [(line.begin, line.end, line.said, line.look) for line in chart.lines] == [
        ("a_b", "C_1", "<1.2345>", "thick end")
    ]


def test_a_label_keeps_all_its_digits() -> None:
    assert ">公差 0.12345 mm</text>" in flowchart('flowchart TD\n  A["公差 0.12345 mm"] --> B[好]\n')


def test_a_chart_that_cannot_be_drawn_is_compared_as_its_source() -> None:
    redline = made(
        "```mermaid\nsequenceDiagram\n  甲->>乙: 申请\n```", "```mermaid\nsequenceDiagram\n  甲->>乙: 批准\n```"
    )
    assert redline.holds()
    assert "<del><code>申请</code></del><ins><code>批准</code></ins>" in redline.html


# -- no change is said only where there is none ------------------------------------------------------------------

BODY = """# 甲 {: #a }

见 [表](b.md "提示") 和 [件][x]。**重要** `a` 数量：______ a\\*b &amp; c ~~d~~

[x]: c.md "t"

| 甲 | 乙 |
|---|:-:|
| 1 | 2 |

<div id="q" class="w" data-x="1">文<br>字</div>

1. 一
2. 二

- [ ] 三

```python
x = 1  # 注
```

<!-- 备注 -->
文[^1]

[^1]: 脚注

![图](a.png "题"){: width=30 }
"""


def edits() -> Iterator[tuple[str, str]]:
    for at, one in enumerate(BODY):
        if not one.isspace():
            yield f"{at} {one} taken out", BODY[:at] + BODY[at + 1 :]
            yield f"{at} {one} written twice", BODY[:at] + one + BODY[at:]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    root = tmp_path_factory.mktemp("told")
    write(root, {**SOUND, PATH: SOUND[PATH] + BODY})
    return load(root, date(2026, 6, 15)).register.by_id["QP-7.5-01"]


def compared(document: Document, old: str, new: str) -> Redline:
    readings = []
    for text in (old, new):
        whole = document.source.text[: document.body.start] + text
        body = replace(document.body, source=SourceFile(path=PATH, text=whole))
        one = replace(document, body=body, digest=text)
        readings.append(Reading(document=one, bodies={PATH: render(text).html}))
    return compare_documents(readings[0], readings[1], SAY)


def test_no_edit_of_a_text_goes_untold(document: Document) -> None:
    """Whatever character of a file is taken out or written twice: something is said of it, or the file is broken."""
    silent = []
    for name, text in edits():
        try:
            redline = compared(document, BODY, text)
        except CannotRender:
            continue
        if not any(part.differs for part in redline.all):
            silent.append(name)
    assert silent == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#a", "#b"),
        ("提示", "题示"),
        ('"t"', '"u"'),
        ("备注", "备忘"),
        ('id="q"', 'id="r"'),
        ('data-x="1"', 'data-x="2"'),
    ],
)
def test_what_is_not_read_is_told_beside_what_is(document: Document, old: str, new: str) -> None:
    part = compared(document, BODY, BODY.replace(old, new).replace("重要", "要紧")).parts[0]
    assert part.changes and any(new in line for _, line in part.unseen)


def test_a_digest_that_differs_is_never_called_the_same(document: Document) -> None:
    redline = compared(document, BODY, BODY)
    assert redline.same
    assert not replace(redline, new=replace(document, digest="other")).same


def test_many_lines_that_are_not_read_are_counted(document: Document) -> None:
    part = compared(document, BODY, BODY + "\n<!-- 注\n" + "行\n" * 100 + "-->\n").parts[0]
    assert len(part.unseen) == 60 and part.more > 30
