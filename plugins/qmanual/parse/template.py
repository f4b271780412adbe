"""What a template of the company's may hold: values, conditions, loops over the lists of a document, pieces of the same
folder; and no more of Jinja. Calls, imports, assignments, macros and loops in loops are refused, with their line.

What passes ends, stays below a length known beforehand, and is well-formed with every document: each branch and each
loop closes what it opens, and every value is escaped. So it cannot fail when a document is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.parse.markup import CLOSE, OPEN, PIECE, VALUE, check_data, check_markup
from qmanual.parse.style import Refused

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
_OF_VALUE, _OF_INCLUSION, _OF_PIECE = 20, 1024, 16 * 1024
"""Characters that a value, an included file by itself, and a finished piece count for."""
_DEEPEST = 20
"""Branches, expressions and inclusions in each other: what reads and what runs them goes down into each."""


@dataclass(slots=True)
class Shown:
    """The names of the values and pieces that a template shows, each as often: `always`, or in some branch."""

    always: list[str] = field(default_factory=list)
    sometimes: list[str] = field(default_factory=list)


def check_template(name: str, texts: Mapping[str, str]) -> Shown:
    """What the template of that name shows, if it can be used. `texts`: name → text of all that it may include.

    Raises `Refused`.
    """
    checker = _Checker(texts)
    check_markup("".join(checker.body(checker.parsed(name, 1).body, {})), 1)
    return checker.names


class _Checker:
    """Goes through a template; gives what is left of it: each value as a sign, each branch and loop once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.length = 0
        self.open: list[str] = []
        self.depth = 0
        self.branches = 0
        self.looping = False
        self.names = Shown()

    def parsed(self, name: str, line: int) -> nodes.Template:
        """The template as Jinja reads it."""
        from jinja2 import TemplateSyntaxError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        if name not in self.texts:
            raise Refused(line, Phrase(N_("there is no {name} in this folder"), name=name))
        if name in self.open:
            raise Refused(line, Phrase(N_("{name} includes itself"), name=name))
        if len(self.open) > _DEEPEST:
            raise self.too_deep(line)
        self.open.append(name)
        try:
            return ImmutableSandboxedEnvironment().parse(self.texts[name])
        except TemplateSyntaxError as error:
            raise self.unreadable(error.lineno, str(error.message)) from None
        except (RecursionError, ValueError) as error:  # what is too deep; a number that is too long
            raise self.unreadable(1, str(error)) from None

    @staticmethod
    def unreadable(line: int, said: str) -> Refused:
        return Refused(line, Phrase(N_("the template cannot be read: {error}"), error=said))

    @staticmethod
    def too_deep(line: int) -> Refused:
        return Refused(line, Phrase(N_("more than {count} in each other"), count=str(_DEEPEST)))

    def count(self, line: int, length: int) -> None:
        """Take down what a part puts on the page."""
        self.length += length * (REPEATED if self.looping else 1)
        if self.length > LONGEST:
            cause = Phrase(N_("it would put more than {count} characters on a page"), count=str(LONGEST))
            raise Refused(line, cause)

    def body(self, body: list[nodes.Node], local: Mapping[str, str]) -> Iterator[str]:
        for node in body:
            self.count(node.lineno or 1, 1)
            yield from self.node(node, local)

    def node(self, node: nodes.Node, local: Mapping[str, str]) -> Iterator[str]:
        from jinja2 import nodes

        if isinstance(node, nodes.Output):
            for part in node.nodes:
                yield self.shown(part, local)
        elif isinstance(node, nodes.If):
            if len(node.elif_) > _DEEPEST:
                raise self.too_deep(node.lineno)
            for one in (node, *node.elif_):
                self.condition(one.test, local)
                yield self.branch(one.body, one.lineno, local)
            yield self.branch(node.else_, node.lineno, local)
        elif isinstance(node, nodes.For):
            yield self.loop(node, local)
        elif isinstance(node, nodes.Include) and isinstance(node.template, nodes.Const) and not self.looping:
            yield self.included(str(node.template.value), node.lineno)
        else:
            raise self.refused(node)

    def included(self, name: str, line: int) -> str:
        """The text of another file; what is wrong in it is told of that file, and here only that it is so."""
        self.count(line, _OF_INCLUSION)
        inside = self.parsed(name, line)
        try:
            text = "".join(self.body(inside.body, {}))
        except Refused as refused:
            raise Refused(line, refused.cause) from None
        self.open.pop()
        return text

    def shown(self, part: nodes.Node, local: Mapping[str, str]) -> str:
        from jinja2 import nodes

        if isinstance(part, nodes.TemplateData):
            check_data(part.data, part.lineno)
            self.count(part.lineno, len(part.data))
            return part.data
        kind = self.kind(part, local)
        if kind not in ("text", "html") or (kind == "html" and self.looping):
            raise self.refused(part)
        if isinstance(part, nodes.Name):
            (self.names.sometimes if self.branches else self.names.always).append(part.name)
        large = kind == "html" and not (isinstance(part, nodes.Name) and part.name in ("page", "pages"))
        self.count(part.lineno, _OF_PIECE if large else _OF_VALUE)
        return PIECE if kind == "html" else VALUE

    def branch(self, body: list[nodes.Node], line: int, local: Mapping[str, str]) -> str:
        """A branch or the inside of a loop, which must close what it opens."""
        self.branches += 1
        if self.branches > _DEEPEST:
            raise self.too_deep(line)
        text = "".join(self.body(body, local))
        self.branches -= 1
        if "<" in text or ">" in text:
            check_markup(text, line)
        return f"{OPEN}{text}{CLOSE}"

    def loop(self, node: nodes.For, local: Mapping[str, str]) -> str:
        from jinja2 import nodes

        listed = node.iter.name if isinstance(node.iter, nodes.Name) else ""
        if self.looping or listed not in LISTS or node.test or node.recursive or node.else_:
            raise self.refused(node)
        if not isinstance(node.target, nodes.Name) or node.target.name in TEXTS | HTML | LISTS.keys() | {"loop"}:
            raise self.refused(node)
        self.looping = True
        inside = {**local, node.target.name: listed if LISTS[listed] else "text", "loop": "loop"}
        text = self.branch(node.body, node.lineno, inside)
        self.looping = False
        return text

    def kind(self, node: nodes.Node, local: Mapping[str, str]) -> str:
        """What an expression is: `text`, `html`, `list`, or the list that it is an item of."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.too_deep(node.lineno)
        found = self.found_kind(node, local)
        self.depth -= 1
        if not found:
            raise self.refused(node)
        return found

    def found_kind(self, node: nodes.Node, local: Mapping[str, str]) -> str:
        """As `kind`; empty for what may not be."""
        from jinja2 import nodes

        if isinstance(node, nodes.Const):
            return "text" if _harmless(node.value) else ""
        if isinstance(node, nodes.Name):
            return self.name(node, local)
        if isinstance(node, nodes.Getattr):
            owner = self.kind(node.node, local)
            return "text" if node.attr in (LOOP if owner == "loop" else LISTS.get(owner, ())) else ""
        if isinstance(node, nodes.Filter) and node.name in FILTERS and node.node is not None:
            inside = self.kind(node.node, local)
            right = inside == ("list" if node.name in _OF_LISTS else "text")
            return "text" if right and _plain(node) else ""
        if isinstance(node, nodes.CondExpr):
            self.condition(node.test, local)
            kinds = {self.kind(one, local) for one in (node.expr1, node.expr2) if one is not None}
            return kinds.pop() if len(kinds) == 1 else ""
        return ""

    def name(self, node: nodes.Name, local: Mapping[str, str]) -> str:
        if node.name in local:
            return local[node.name]
        if node.name in TEXTS:
            return "text"
        if node.name in HTML:
            return "html"
        if node.name in LISTS:
            return "lists" if LISTS[node.name] else "list"
        raise Refused(node.lineno, Phrase(N_("there is no value {name}; docs/branding.md lists all"), name=node.name))

    def condition(self, node: nodes.Node, local: Mapping[str, str]) -> None:
        from jinja2 import nodes

        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.too_deep(node.lineno)
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
        self.depth -= 1

    def refused(self, node: nodes.Node) -> Refused:
        """A part that is not allowed, told by its line as it was written."""
        line = node.lineno or 1
        written = self.texts[self.open[-1]].split("\n")[line - 1 : line]
        what = " ".join("".join(written).split())[:60]
        return Refused(line, Phrase(N_("this is not allowed in a template: {what}"), what=what))


def _harmless(value: object) -> bool:
    """Whether a constant can be printed wherever text can be."""
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    return isinstance(value, int) and abs(value) < 10**9


def _plain(node: nodes.Filter) -> bool:
    """Whether a filter has no more said to it than between what a list is joined."""
    from jinja2 import nodes

    if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) > (node.name == "join"):
        return False
    return all(isinstance(one, nodes.Const) and isinstance(one.value, str) and len(one.value) < 20 for one in node.args)
