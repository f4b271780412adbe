"""What a template of the company's may hold: values, conditions, loops over the lists of a document, pieces of the same
folder; and no more of Jinja. Calls, imports, assignments, macros and loops in loops are refused, with their line.

What passes ends, stays below a length known beforehand, and is well-formed with every document: each branch and each
loop closes what it opens, and every value is escaped. So it cannot fail when a document is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from xml.parsers import expat

from qmanual.finding import Phrase
from qmanual.language import N_

if TYPE_CHECKING:
    from jinja2 import nodes

TEXTS = frozenset({
    "company", "title", "kind", "number", "revision", "status", "word", "standing", "effective", "owner", "process",
    "release", "digest", "retention", "clauses", "confidentiality", "valid_until", "language", "draft", "void",
})  # fmt: skip
"""Names of texts; an empty one counts as no in a condition."""
HTML = frozenset({"heading", "logo", "qr", "stamp", "facts", "signatures", "history", "page", "pages"})
"""Names of finished pieces."""
LISTS: Mapping[str, frozenset[str]] = {
    "departments": frozenset(),
    "approvals": frozenset({"meaning", "name", "date", "proof"}),
    "changes": frozenset({"revision", "date", "by", "summary"}),
}
"""Names of lists and what each item has; an item of `departments` is a text."""
LOOP = frozenset({"index", "first", "last"})
_OF_LISTS = frozenset({"length", "first", "last", "join"})
FILTERS = _OF_LISTS | {"upper", "lower", "trim"}
REPEATED = 200
"""Items of a list that a loop shows."""
LONGEST = 256 * 1024
"""Characters that a template may put on a page by itself."""

_ELEMENTS = frozenset({
    "b", "br", "caption", "col", "colgroup", "div", "em", "footer", "header", "hr", "i", "li", "ol", "p", "section",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
_ATTRIBUTES = frozenset({"class", "style", "colspan", "rowspan", "scope", "lang", "start"})
_REACHES = re.compile(r"url|expression|@import|\\|position\s*:\s*running|content\s*:", re.IGNORECASE)


class Refused(Exception):
    """Something that a template may not hold: its line, and why."""

    def __init__(self, line: int, cause: Phrase) -> None:
        super().__init__(cause)
        self.line, self.cause = line, cause


def check_template(name: str, texts: Mapping[str, str]) -> None:
    """Whether the template of that name can be used. `texts`: name → text of all that it may include.

    Raises `Refused`.
    """
    checker = _Checker(texts)
    whole = "".join(checker.body(checker.parsed(name, 1).body, {}))
    _well_formed(whole, 1)
    if checker.length > LONGEST:
        raise Refused(1, Phrase(N_("it would put more than {count} characters on a page"), count=str(LONGEST)))


class _Checker:
    """Goes through a template; gives what is left of it: each value as a sign, each branch and loop once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.length = 0
        self.open: list[str] = []
        self.looping = False

    def parsed(self, name: str, line: int) -> nodes.Template:
        from jinja2 import TemplateSyntaxError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        if name not in self.texts:
            raise Refused(line, Phrase(N_("there is no {name} in this folder"), name=name))
        if name in self.open:
            raise Refused(line, Phrase(N_("{name} includes itself"), name=name))
        self.open.append(name)
        try:
            return ImmutableSandboxedEnvironment().parse(self.texts[name])
        except (TemplateSyntaxError, RecursionError) as error:
            found = getattr(error, "lineno", 1) if len(self.open) == 1 else line
            raise Refused(found, Phrase(N_("the template cannot be read: {error}"), error=str(error))) from None

    def body(self, body: list[nodes.Node], local: Mapping[str, str]) -> Iterator[str]:
        for node in body:
            yield from self.node(node, local)

    def node(self, node: nodes.Node, local: Mapping[str, str]) -> Iterator[str]:
        from jinja2 import nodes

        if isinstance(node, nodes.Output):
            for part in node.nodes:
                yield self.shown(part, local)
        elif isinstance(node, nodes.If):
            self.condition(node.test, local)
            for branch in (node.body, *(one.body for one in node.elif_), node.else_):
                yield self.closed(branch, node.lineno, local)
            for one in node.elif_:
                self.condition(one.test, local)
        elif isinstance(node, nodes.For):
            yield self.loop(node, local)
        elif isinstance(node, nodes.Include) and isinstance(node.template, nodes.Const) and not self.looping:
            inside = self.parsed(str(node.template.value), node.lineno)
            yield "".join(self.body(inside.body, {}))
            self.open.pop()
        else:
            raise self.refused(node)

    def shown(self, part: nodes.Node, local: Mapping[str, str]) -> str:
        from jinja2 import nodes

        if isinstance(part, nodes.TemplateData):
            self.length += len(part.data) * (REPEATED if self.looping else 1)
            return part.data
        kind = self.kind(part, local)
        if kind not in ("text", "html"):
            raise self.refused(part)
        return "<i/>" if kind == "html" else "x"

    def closed(self, branch: list[nodes.Node], line: int, local: Mapping[str, str]) -> str:
        """A branch or the inside of a loop, which must close what it opens."""
        text = "".join(self.body(branch, local))
        if "<" in text or ">" in text:
            _well_formed(text, line)
        return text

    def loop(self, node: nodes.For, local: Mapping[str, str]) -> str:
        from jinja2 import nodes

        listed = node.iter.name if isinstance(node.iter, nodes.Name) else ""
        named = isinstance(node.target, nodes.Name)
        if not named or self.looping or listed not in LISTS or node.test or node.recursive or node.else_:
            raise self.refused(node)
        self.looping = True
        inside = {**local, node.target.name: listed if LISTS[listed] else "text", "loop": "loop"}  # type: ignore[attr-defined]
        text = self.closed(node.body, node.lineno, inside)
        self.looping = False
        return text

    def kind(self, node: nodes.Node, local: Mapping[str, str]) -> str:
        """What an expression is: `text`, `html`, `list`, or the list that it is an item of."""
        from jinja2 import nodes

        if isinstance(node, nodes.Const):
            return "text"
        if isinstance(node, nodes.Name):
            return self.name(node, local)
        if isinstance(node, nodes.Getattr):
            owner = self.kind(node.node, local)
            if node.attr in (LOOP if owner == "loop" else LISTS.get(owner, ())):
                return "text"
        elif isinstance(node, nodes.Filter) and node.name in FILTERS and node.node is not None:
            inside = self.kind(node.node, local)
            plain = all(isinstance(one, nodes.Const) and len(str(one.value)) < 20 for one in node.args)
            plain = plain and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
            if plain and inside == ("list" if node.name in _OF_LISTS else "text"):
                return "text"
        elif isinstance(node, nodes.CondExpr):
            self.condition(node.test, local)
            kinds = {self.kind(one, local) for one in (node.expr1, node.expr2) if one is not None}
            if len(kinds) == 1:
                return kinds.pop()
        raise self.refused(node)

    def name(self, node: nodes.Name, local: Mapping[str, str]) -> str:
        if node.name in local:
            return local[node.name]
        if node.name in TEXTS:
            return "text"
        if node.name in HTML:
            return "html"
        if node.name in LISTS:
            return "list" if not LISTS[node.name] else "lists"
        raise Refused(node.lineno, Phrase(N_("there is no value {name}; docs/branding.md lists all"), name=node.name))

    def condition(self, node: nodes.Node, local: Mapping[str, str]) -> None:
        from jinja2 import nodes

        if isinstance(node, nodes.And | nodes.Or):
            self.condition(node.left, local)
            self.condition(node.right, local)
        elif isinstance(node, nodes.Not):
            self.condition(node.node, local)
        elif isinstance(node, nodes.Compare) and all(one.op in ("eq", "ne") for one in node.ops):
            for one in (node.expr, *(one.expr for one in node.ops)):
                self.kind(one, local)
        else:
            self.kind(node, local)

    @staticmethod
    def refused(node: nodes.Node) -> Refused:
        what = type(node).__name__
        return Refused(node.lineno, Phrase(N_("this is not allowed in a template: {what}"), what=what))


def _well_formed(text: str, line: int) -> None:
    """Whether every element that is opened is closed, and all are harmless. `line`: of the first line of `text`."""
    parser = expat.ParserCreate()

    def begun(name: str, attributes: dict[str, str]) -> None:
        bad = (
            name
            if name not in _ELEMENTS | {"qm-all"}
            else next((key for key in attributes if key not in _ATTRIBUTES), "")
        )
        bad = bad or next((value for value in attributes.values() if _REACHES.search(value)), "")
        if bad:
            cause = Phrase(N_("{text} is not allowed in a template"), text=bad)
            raise Refused(line + parser.CurrentLineNumber - 1, cause)

    def declared(*_: object) -> None:
        raise Refused(line + parser.CurrentLineNumber - 1, Phrase(N_("a declaration is not allowed in a template")))

    parser.StartElementHandler = begun
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = declared
    try:
        parser.Parse(f"<qm-all>{text}</qm-all>", True)
    except expat.ExpatError as error:
        cause = Phrase(N_("an element is not closed where it should be: {error}"), error=expat.ErrorString(error.code))
        raise Refused(line + error.lineno - 1, cause) from None
