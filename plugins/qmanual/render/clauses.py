"""The pages about standards: their clauses, a page for each, and the matrix of clauses and documents."""

from collections.abc import Container, Iterator
from itertools import groupby
from operator import itemgetter

from qmanual.language import N_
from qmanual.register import ClauseKey
from qmanual.render.address import SITE, clause_address, clause_path
from qmanual.render.matrix import ClauseRow, clause_rows, only_mentioned, title_of
from qmanual.render.page import Page
from qmanual.render.site import Link, Site, ancestors
from qmanual.standards import Clause, Standard, clause_order


def clause_pages(site: Site) -> Iterator[Page]:
    """The list of the standards' clauses, and a page for every clause."""
    title = site.say(N_("Clauses of the standards"))
    standards = site.edition.register.standards.standards
    facts = {"title": title, "standards": [(standard, site.chapters(standard)) for standard in standards]}
    yield site.page("clauses/index.html", title, "clauses.html", facts, section="clauses", trail=(site.home,))
    trail = (site.home, (title, f"{SITE}clauses/index.html"))
    for standard in standards:
        for clause in standard.clauses:
            yield _clause_page(site, standard, clause, trail)


def _clause_page(site: Site, standard: Standard, clause: Clause, trail: tuple[Link, ...]) -> Page:
    title = f"{standard.id} {clause.number} {site.clause_title(standard, clause)}".strip()
    facts = _facts(site, standard, clause) | {"title": title}
    path = clause_path(ClauseKey(standard.id, clause.number))
    chapter = clause_address(ClauseKey(standard.id, clause.number.partition(".")[0]))
    return site.page(path, title, "clause.html", facts, section="clauses", trail=trail, group=chapter)


def _facts(site: Site, standard: Standard, clause: Clause) -> dict[str, object]:
    register, key = site.edition.register, ClauseKey(standard.id, clause.number)
    answers = register.answers.get(key, ())
    answering = {document.id for document in answers}
    around = [other for other in standard.clauses if other.number.startswith(f"{clause.number}.")
              or clause.number.startswith(f"{other.number}.")]  # fmt: skip
    return {
        "standard": standard,
        "clause": clause,
        "answers": site.entries(answers),
        "mentions": site.entries(one for one in register.mentioned.get(key, ()) if one.id not in answering),
        "excluded": register.excluded.get(key),
        "around": [
            (other, site.clause_title(standard, other), clause_address(ClauseKey(standard.id, other.number)),
             site.entries(register.answers.get(ClauseKey(standard.id, other.number), ())))
            for other in sorted(around, key=lambda one: clause_order(one.number))
        ],
    }  # fmt: skip


def matrix_page(site: Site) -> Page:
    """The clause matrix as tables to sort and filter."""
    title = site.say(N_("Clause matrix"))
    lines = clause_rows(site.edition.register, site.say.language)
    claimed = {(row["standard"], row["clause"]) for row in lines if row["claimed_by"]}
    above = {(standard, number) for standard, below in claimed for number in ancestors(below)}
    names = {one.id: one.title.get(site.say.language, "") for one in site.edition.register.standards.standards}
    standards = [
        (standard, names[standard], [_line(site, row, above) for row in rows])
        for standard, rows in groupby(lines, key=itemgetter("standard"))
    ]
    facts = {"title": title, "standards": standards}
    return site.page("matrix.html", title, "matrix.html", facts, section="matrix", trail=(site.home,), wide=True)


def _line(site: Site, row: ClauseRow, above: Container[tuple[str, str]]) -> dict[str, object]:
    """A line of the matrix. `above`: the clauses above answered ones; `state` says whether the clause is answered."""
    by_id = site.edition.by_id
    claimed, covered, mentioned = (
        [by_id[name] for name in names] for names in (row["claimed_by"], row["covered_by"], only_mentioned(row))
    )
    return {
        "number": row["clause"],
        "title": title_of(row),
        "address": clause_address(ClauseKey(row["standard"], row["clause"])),
        "claimed": claimed,
        "covered": covered,
        "mentioned": mentioned,
        "excluded": row["excluded"],
        "state": site.say(_state(row, above)),
    }


def _state(row: ClauseRow, above: Container[tuple[str, str]]) -> str:
    if row["excluded"]:
        return N_("does not apply")
    if row["claimed_by"]:
        return N_("answered")
    if row["covered_by"]:
        return N_("answered by the clause above")
    return N_("answered by clauses below") if (row["standard"], row["clause"]) in above else N_("not answered")
