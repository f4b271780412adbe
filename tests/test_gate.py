"""The last gate: nothing that acts or calls out is published, and nothing harmless is held back."""

import pytest

from qmanual.render.flowchart import flowchart
from qmanual.render.gate import forbidden
from qmanual.render.markdown import render

ACTIVE = [
    "<script>x</script>",
    "<SCRIPT src=x>",
    "<scr\x00ipt>",
    '<a title="x>y" onclick="a()">z</a>',
    "<img src=x/onerror=alert(1)>",
    "<div\nonmouseover=x>",
    '<b x=" onclick=a>',
    '<a href="javascript:x">',
    '<a href="java\tscript:x">',
    '<a href="&#106;avascript:x">',
    '<a href=" JaVaScRiPt:x">',
    '<a href="data:text/html,x">',
    '<svg><a xlink:href="javascript:1">',
    '<p style="background:url(x)">',
    '<img src="https://example.com/y.png">',
    '<img src="//example.com/y.png">',
    "<iframe src=x>",
    "<form action=x>",
    "<input type=text>",
    '<meta http-equiv="refresh">',
    "<math><mi>",
    "<!--><script>x</script>-->",
    "<script src=x",
]

HARMLESS = [
    "<p>a &lt; b</p>",
    '<a href="https://example.com/">outside</a>',
    '<a href="qmanual:page/procedures/QP-1.md#x">x</a>',
    '<img src="qmanual:file/forms/x.png" alt="x">',
    "<!-- don't <script> -->",
    '<td style="text-align: center">x</td>',
    '<a href="mailto:x@example.com">x</a>',
]


@pytest.mark.parametrize("text", ACTIVE)
def test_active_text_is_stopped(text: str) -> None:
    assert forbidden(text) is not None


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_passes(text: str) -> None:
    assert forbidden(text) is None


def test_what_the_renderer_makes_passes() -> None:
    table = "| a | b |\n|---|:-:|\n| 1 | 2 |"
    text = f"# 题\n\n{table}\n\n- [ ] x[^1]\n\n[^1]: 注\n\n!!! note\n    x\n\n产品：______ □返工 □报废"
    assert forbidden(render(text, form=True).html) is None


def test_a_flowchart_passes_and_keeps_nothing_of_its_links() -> None:
    chart = flowchart('flowchart TD\nA["<b>x</b>"] --> B\nclick A href "javascript:alert(1)"\nstyle A fill:url(x)\n')
    assert "<svg" in chart
    assert "javascript" not in chart
    assert forbidden(chart) is None
