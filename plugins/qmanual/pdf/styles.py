"""Computed styles kept from one document to the next: the same rules under the same parents give the same values.

WeasyPrint shares the style of elements that are alike within a document, and computes it anew for the next. Our
documents have one look, so nearly every style of one was computed for another before it; that is a tenth of the time a
page takes. Here a new style begins with the values that an equal one was found to have.

Two styles are equal when their rules are equal and so are their parents'. Left out is what every document has of its
own and no other value hangs on (`OWN`), and elements that bring declarations of their own: their lengths may hang on
the size of the page, and nobody knows how many there are. Only a column's width in percent is as good as a rule.
"""

from functools import cached_property
from typing import Any

OWN = frozenset({"anchor", "content"})


class Known:
    """What is known of equal styles: their values, those of boxes without an element in them, the styles below."""

    __slots__ = ("anonymous", "below", "specified", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.specified: dict[str, Any] = {}
        self.anonymous: dict[str, Any] = {}
        self.below: dict[object, Known] = {}

    def under(self, rules: dict[str, Any]) -> "Known | None":
        """What is known of the styles that these rules give under this one, or None where it is not kept."""
        key = []
        for name, (value, (precedence, _, specificity)) in rules.items():
            own = specificity == (1, 0, 0) and precedence > 1
            if own and (name != "width" or getattr(value, "unit", None) != "%"):
                return None
            if name not in OWN:
                key.append((name, _frozen(value)))
        return self.below.setdefault(frozenset(key), Known())


def _frozen(value: Any) -> Any:
    """The same value as one that can be looked up: some of WeasyPrint's are lists, some are sets."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return frozenset(value) if isinstance(value, set) else value


def install() -> None:
    """Let WeasyPrint begin styles this way, in this process."""
    from weasyprint import css
    from weasyprint.layout import inline

    if css.StyleFor.set_computed_styles.__module__ == __name__:
        return
    css.Style.known = css.Style.noted = None
    css.Style.anonymous_style = cached_property(_anonymous(css.AnonymousStyle))
    css.Style.anonymous_style.__set_name__(css.Style, "anonymous_style")
    css.StyleFor.set_computed_styles = _beginning(css.StyleFor.set_computed_styles, Known())
    for kind in (css.ComputedStyle, css.AnonymousStyle):
        kind.__missing__ = _noting(kind.__missing__)
    inline.strut = _once(inline.strut)


def _beginning(original: Any, root: Known) -> Any:
    """`StyleFor.set_computed_styles` whose style begins with what is known of it."""

    def set_computed_styles(self: Any, element: Any, parent: Any, **details: Any) -> None:
        original(self, element, parent, **details)
        pseudo = details.get("pseudo_type")
        style = self.get_computed_styles()[element, pseudo]
        above = root if style.parent_style is None else style.parent_style.known
        style.known = known = above and above.under(style.cascaded)
        if known:
            style.update(known.values)
            style.specified, style.noted = known.specified, known.values

    return set_computed_styles


def _anonymous(kind: Any) -> Any:
    """The style of boxes without an element in one of this style."""

    def anonymous_style(self: Any) -> Any:
        style = kind(self)
        if self.known:
            style.noted = self.known.anonymous
            style.update(style.noted)
        return style

    return anonymous_style


def _noting(original: Any) -> Any:
    """A style's `__missing__` that notes what it computes. A copy notes nothing: it is made to be changed."""

    def missing(self: Any, key: str) -> Any:
        value = original(self, key)
        if self.noted is not None and key not in OWN:
            self.noted[key] = value
        return value

    return missing


def _once(original: Any) -> Any:
    """`strut`, the height and baseline of an empty line, asked of a style once; it is asked for each line and text."""

    def strut(style: Any) -> Any:
        found = style.__dict__.get("strut")
        if found is None:
            found = style.strut = original(style)
        return found

    return strut
