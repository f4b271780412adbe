"""What is drawn in a form comes out as what it draws."""

import re

import pytest

from qmanual.render.markdown import render


def text(source: str) -> str:
    """The rendered text of a form without its tags."""
    return re.sub(r"<[^>]+>", "", render(source, form=True).html).strip()


def test_stars_of_required_fields_are_no_emphasis() -> None:
    made = render("检验员*：______ 检验日期*：____年__月__日", form=True).html
    assert "检验员*：" in made
    assert "检验日期*：" in made
    assert "<em>" not in made


@pytest.mark.parametrize("source", ["**备注**：______", "*备注*，见下：______", r"检验员\*：______"])
def test_other_stars_are_what_they_were(source: str) -> None:
    plain = text(source)
    assert "**" not in plain
    assert "\\" not in plain


def test_emphasis_before_a_colon_stays() -> None:
    assert "<strong>备注</strong>：" in render("**备注**：______", form=True).html
