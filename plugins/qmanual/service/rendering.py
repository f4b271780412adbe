"""Texts into HTML, once for site and PDFs: those on the documents' own pages, and the released ones beside them."""

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from qmanual.finding import Finding, Severity
from qmanual.language import Language, Translator
from qmanual.model import Body, Document
from qmanual.register import Register
from qmanual.render.address import neutral
from qmanual.render.gate import forbidden
from qmanual.render.generated import fill_markers
from qmanual.render.markdown import CannotRender, Rendered, render
from qmanual.render.texts import Around, relocated
from qmanual.service.publication import Publication

FEW = 40
"""Below so many texts, starting worker processes costs more than it saves."""


def render_bodies(
    manual: Publication,
    findings: Iterable[Finding] = (),
    workers: int | None = None,
    only: Iterable[Document] | None = None,
) -> dict[str, Rendered]:
    """Path → rendered text with neutral links, of every document and chapter that may be published, or `only` of some.

    A document with an error about publication safety is withheld: nothing of it is rendered. So is one that cannot be
    rendered, or whose rendered text does not pass the last gate; `withheld` names those.
    """
    documents = publishable(manual.register.documents if only is None else only, findings)
    rendered = _render_all(manual, [body for document in documents for body in document.bodies], workers)
    passed = {path: text for path, text in rendered.items() if text is not None and not forbidden(text.html)}
    kept = [one for one in documents if all(body.path in passed for body in one.bodies)]
    return {body.path: passed[body.path] for document in kept for body in document.bodies}


def publishable(documents: Iterable[Document], findings: Iterable[Finding]) -> list[Document]:
    """The documents that no finding withholds."""
    unsafe = {finding.span.path for finding in findings if withholds(finding)}
    return [one for one in documents if not any(body.path in unsafe for body in one.bodies)]


def withheld(
    manual: Publication, bodies: Container[str], findings: Iterable[Finding], only: Iterable[Document] | None = None
) -> tuple[Document, ...]:
    """The documents that are not published although no finding says why: no safe page came of them. Of all, or `only`
    of some.
    """
    told = {finding.span.path for finding in findings if withholds(finding)}
    return tuple(
        document
        for document in (manual.register.documents if only is None else only)
        if document.path not in bodies and not any(body.path in told for body in document.bodies)
    )


def withholds(finding: Finding) -> bool:
    """Whether what a finding is about may not be published."""
    return finding.severity is Severity.ERROR and finding.code.startswith("QM80") and finding.code not in ("QM809",)


def _render_all(manual: Publication, bodies: Sequence[Body], workers: int | None) -> dict[str, Rendered | None]:
    tasks = [Task(body, manual.register.by_path[body.path][0].kind, manual.around.get(body.path)) for body in bodies]
    return dict(zip((body.path for body in bodies), _run(tasks, manual, workers), strict=True))


def render_texts(
    manual: Publication, findings: Mapping[str, Iterable[Finding]], workers: int | None = None
) -> dict[str, tuple[Rendered, ...]]:
    """Path of the page → rendered files of every text beside those of `render_bodies`, as far as they may be published.

    `findings`: those about the safety of each of them, by its page.
    """
    wanted = {
        page: text for page, text in manual.shelf.texts.items() if not any(map(withholds, findings.get(page, ())))
    }
    tasks: list[Task] = []
    drawn: dict[int, Rendered | None] = {}
    for page, text in wanted.items():
        document = text.entry.document
        around = manual.shelf.around[page]
        for body in document.bodies:
            if body.markers:
                then = manual.register_then(manual.shelf.released[page])
                drawn[len(tasks)] = _fit(
                    render_text(Task(body, document.kind, around), then, Translator(manual.language))
                )
            tasks.append(Task(body, document.kind, around))
    made = iter([drawn.get(at, one) for at, one in enumerate(_run(tasks, manual, workers, drawn))])
    found = {page: [_fit(next(made)) for _ in text.entry.document.bodies] for page, text in wanted.items()}
    return {page: tuple(one for one in files if one) for page, files in found.items() if all(files)}


def _fit(rendered: Rendered | None) -> Rendered | None:
    return None if rendered is None or forbidden(rendered.html) else rendered


@dataclass(frozen=True, slots=True)
class Task:
    """A text to render: its kind, and for one out of an earlier release what lay around it."""

    body: Body
    kind: str
    around: Around | None = None


def _run(
    tasks: Sequence[Task], manual: Publication, workers: int | None, done: Container[int] = ()
) -> list[Rendered | None]:
    """Render on all cores, in the order of the tasks; those in `done` are passed over."""
    workers = workers or os.cpu_count() or 1
    say, left = Translator(manual.language), [task for at, task in enumerate(tasks) if at not in done]
    if len(left) < FEW or workers == 1:
        made = iter([render_text(task, manual.register, say) for task in left])
        return [None if at in done else next(made) for at in range(len(tasks))]
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(left, manual.register, manual.language)) as pool:
        each = pool.map(_render_at, range(len(left)), chunksize=16)
        return [None if at in done else next(each) for at in range(len(tasks))]


_context: tuple[Sequence[Task], Register, Translator] | None = None
"""What a worker process works with; set once when it starts."""


def _start(tasks: Sequence[Task], register: Register, language: Language) -> None:
    global _context
    _context = (tasks, register, Translator(language))


def _render_at(at: int) -> Rendered | None:
    assert _context is not None
    tasks, register, say = _context
    return render_text(tasks[at], register, say)


def render_text(task: Task, register: Register, say: Translator) -> Rendered | None:
    """One text with neutral links, None when it cannot be rendered. What comes out has not passed the last gate."""
    body = task.body
    try:
        form = register.settings.kind(task.kind).form
        rendered = render(body.source.text[body.start :], form=form, language=say.language)
    except CannotRender:
        return None
    linked = neutral(rendered.html, body, register)
    linked = relocated(linked, task.around, register) if task.around else linked
    return Rendered(fill_markers(linked, register, say) if body.markers else linked, rendered.toc)
