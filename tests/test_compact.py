"""Flowcharts are drawn in until they can be read on a page, and nothing in them comes apart."""

import re
from itertools import pairwise

import pytest

from qmanual.render.compact import Band, box_need, diamond_need, heights
from qmanual.render.flowchart import draw

STEPS = "flowchart TD\n" + "\n".join(f'  A{n}["第 {n} 步工作"] --> A{n + 1}' for n in range(12)) + '\n  A12["完"]\n'


def size(source: str) -> tuple[int, int]:
    drawn = draw(source)
    assert drawn
    found = re.search(r'width="(\d+)" height="(\d+)"', drawn)
    assert found
    return int(found[1]), int(found[2])


def test_a_step_keeps_what_its_text_needs_and_a_gap_what_an_arrow_needs() -> None:
    to = heights([Band(0, 45, 33), Band(81, 126, 33)], [])
    assert (to(0), to(45)) == (0, 33)
    assert to(81) - to(45) == pytest.approx(36 * 0.62)
    assert to(126) - to(81) == pytest.approx(33)


def test_what_stands_side_by_side_moves_together() -> None:
    to = heights([Band(0, 160, 60), Band(60, 100, 40)], [])
    assert to(160) == pytest.approx(160), "the box in the middle cannot be drawn in"
    assert to(80) == pytest.approx(80)


def test_a_label_between_two_steps_keeps_its_height() -> None:
    to = heights([Band(0, 45, 33), Band(200, 245, 33)], [Band(110, 132, 22)])
    assert to(132) - to(110) == pytest.approx(22)


def test_heights_never_turn_round() -> None:
    to = heights([Band(0, 45, 33), Band(45, 90, 33), Band(300, 460, 60)], [Band(40, 60, 20), Band(100, 122, 22)])
    moved = [to(y / 2) for y in range(-20, 1000)]
    assert moved == sorted(moved)
    assert heights([], [])(7) == 7


def test_more_lines_need_more_height() -> None:
    assert box_need(1) < box_need(2)
    assert diamond_need(1, 70, 161) < diamond_need(2, 70, 161) < diamond_need(2, 120, 161)
    assert diamond_need(1, 160, 161) == 161


def test_a_long_chart_can_be_read_on_a_page() -> None:
    assert size(STEPS)[1] <= 850, "225 mm at full size"


def test_a_chart_too_wide_for_the_page_runs_downwards() -> None:
    width, height = size(STEPS.replace("flowchart TD", "flowchart LR"))
    assert width < 400 < height
    assert size('flowchart LR\nA["甲"] --> B["乙"]\n')[0] > 200


@pytest.mark.parametrize(
    "shape", ['(["始"])', '("圆")', '(("点"))', '[("库")]', '[["子"]]', '{{"备"}}', '[/"入"/]', '>"旗"]']
)
def test_texts_stay_inside_their_shapes(shape: str) -> None:
    drawn = draw(f'flowchart TD\nA["上"] --> B{shape}\nB --> C{{"下？"}}\n')
    assert drawn
    texts = [float(y) for y in re.findall(r'<text x="[^"]+" y="([^"]+)"', drawn)]
    assert texts == sorted(texts)
    assert all(after - before > 30 for before, after in pairwise(texts))


def test_lines_end_at_the_shapes() -> None:
    drawn = draw('flowchart TD\nA["甲"] --> B["乙"]\n')
    assert drawn
    tops = [
        (float(y), float(y) + float(h))
        for y, h in re.findall(r'<rect x="[^"]+" y="([^"]+)" width="[^"]+" height="([^"]+)"', drawn)
    ]
    line = re.search(r'<path d="M[^,]+,([\d.]+)L[^,]+,([\d.]+)"', drawn)
    assert line
    assert float(line[1]) == pytest.approx(tops[0][1])
    assert 0 <= tops[1][0] - float(line[2]) < 4
