"""What the site shows beside the texts in force, made ready: the other released texts, and what changed between two."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qmanual.render.markdown import Rendered
from qmanual.render.site import Comparison
from qmanual.render.texts import Text
from qmanual.service.checking import unsafe_beside
from qmanual.service.publication import Publication
from qmanual.service.redlining import compare_texts
from qmanual.service.rendering import render_texts, withholds


@dataclass(frozen=True)
class Beside:
    """The texts by their page, each with what was rendered of it; the comparisons; what may not be published."""

    texts: Mapping[str, Text] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    unsafe: frozenset[str] = frozenset()

    def printed(self, archive: bool) -> list[Text]:
        """The texts of which there is a PDF: those to come, and with `archive` those that were in force."""
        return [text for text in self.texts.values() if text.bodies and (archive or text.coming)]


def prepare_beside(shown: Publication, bodies: Mapping[str, Rendered]) -> Beside:
    """Read, check, render and compare. `bodies`: the rendered texts of the documents' own pages."""
    if not shown.shelf.texts:
        return Beside()
    findings = unsafe_beside(shown)
    rendered = render_texts(shown, findings)
    texts = {page: replace(text, bodies=rendered.get(page, ())) for page, text in shown.shelf.texts.items()}
    unsafe = frozenset(path for path, found in findings.items() if any(map(withholds, found)))
    return Beside(texts, compare_texts(shown, bodies, texts), unsafe)
