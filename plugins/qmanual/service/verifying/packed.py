"""What the proofs in a package prove: that the texts of its register are the released ones in force, and who signed.

The manifests are read as the history that they are, so "in force" means here just what it means where the package was
made.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qmanual.control.edition import Timeline, timeline
from qmanual.control.history import Facts, History, Release
from qmanual.control.judging import Case, Held, Rights, judge
from qmanual.control.manifest import FOLDER as MANIFESTS
from qmanual.control.manifest import Manifest, Move
from qmanual.control.package import Package
from qmanual.control.since import moment
from qmanual.control.statement import FOLDER, folder_of, sha256
from qmanual.control.status import Status
from qmanual.control.texts import texts_of
from qmanual.language import N_
from qmanual.model import Organization
from qmanual.parse.organization import read_organization
from qmanual.service.verifying.plain import row_of
from qmanual.service.verifying.report import Group, Line, fails, holds, unknown
from qmanual.service.verifying.signed import statement_lines
from qmanual.workspace import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the register in a package. `pdf`: its name, empty when it is not here."""

    id: str
    revision: str
    digest: str
    status: str
    kind: str
    pdf: str
    sha256: str


def proof_lines(package: Package, rows: Sequence[Listed], files: Mapping[str, bytes], today: date) -> Iterator[Line]:
    """The register against the manifests, and the statements. `files`: the proofs, path → bytes."""
    manifests, lines = row_of({path: data for path, data in files.items() if path.startswith(f"{MANIFESTS}/")})
    yield from lines
    yield from _dates(package, manifests)
    newest = package.releases[-1] if package.releases else None
    if not manifests or newest is None or manifests[-1].release != newest.name:
        yield unknown(
            Group.TEXTS, N_("whether the texts are those in force: there is no manifest of the newest release")
        )
    else:
        yield from _texts(package, rows, _history(package, manifests), today)
    yield from _statements(package, rows, manifests, files, today)


def _dates(package: Package, manifests: Sequence[Manifest]) -> Iterator[Line]:
    """The manifests are those that the list of releases names, each of its day."""
    days = {one.name: one.time.date() for one in package.releases if one.manifest}
    for one in manifests:
        if days.get(one.release) != one.on:
            text = N_("{name}: package.json knows no release of that name and day")
            yield fails(Group.MANIFESTS, text, name=one.release, release=one.release)


def _history(package: Package, manifests: Sequence[Manifest]) -> History:
    """What the manifests tell, as git would tell it."""
    times = {one.name: one.time for one in package.releases}
    known = [one for one in manifests if one.release in times]
    return History(
        releases=tuple(Release(name=one.release, commit="", time=times[one.release]) for one in known),
        documents=texts_of([tuple(_facts(one)) for one in known]),
    )


def _facts(manifest: Manifest) -> Iterator[Facts]:
    for row in manifest.documents:
        gone = row.change is Move.WITHDRAWN or row.withdrawn is not None
        yield Facts(
            id=row.id, kind="", title="", path=row.path, revision=row.revision, digest=row.digest,
            effective=row.effective, signatures=row.approvals, withdrawn=gone,
            withdrawn_on=(row.withdrawn or manifest.on) if gone else None,
        )  # fmt: skip


def _texts(package: Package, rows: Sequence[Listed], history: History, today: date) -> Iterator[Line]:
    """Every line of the register against what the manifests have in force on the package's day."""
    wrong = [line for row in rows if (line := _text(row, timeline(row.id, history, package.day), package.day))]
    listed = {row.id for row in rows}
    for number in history.documents:
        if number not in listed and _now(timeline(number, history, package.day)):
            text = N_("{id} is in force by the manifests, and the register does not list it")
            wrong.append(fails(Group.TEXTS, text, id=number, document=number))
    wrong += _lacking(package.since, rows, history, package.day) if package.since else ()
    yield from wrong
    valid = [row for row in rows if row.status == Status.EFFECTIVE]
    if valid and not wrong:
        text = N_("the register lists what the manifests have in force on {day}, with the same texts ({count})")
        yield holds(Group.TEXTS, text, day=package.day.isoformat(), count=str(len(valid)))
    over = [row.id for row in valid if today > package.day and _now(timeline(row.id, history, today)) != _sign(row)]
    if over:
        text = N_("on {day} no longer in force, by what the package itself knows: {names}")
        yield unknown(Group.TEXTS, text, day=today.isoformat(), names=", ".join(over))


def _text(row: Listed, times: Timeline, day: date) -> Line | None:
    now, claimed = _now(times), row.status == Status.EFFECTIVE
    details = {"id": row.id, "revision": row.revision, "day": day.isoformat()}
    if claimed and now != _sign(row):
        text = N_("{id} {revision}: by the manifests this is not the text in force on {day}")
        return fails(Group.TEXTS, text, document=row.id, **details)
    if not claimed and now:
        text = N_("{id} {revision}: the register says that it is not in force, the manifests say that it is")
        return fails(Group.TEXTS, text, document=row.id, **details)
    return None


def _lacking(since: str, rows: Sequence[Listed], history: History, day: date) -> Iterator[Line]:
    """Documents that have changed since that release or day and are not here."""
    found = moment(history, since)
    if found is None:
        yield fails(Group.TEXTS, N_("there is no release {name}, since which it should hold what changed"), name=since)
        return
    before, then = found
    for row in rows:
        now = _now(timeline(row.id, history, day))
        if now and not row.pdf and _now(timeline(row.id, before, then)) != now:
            text = N_("{id} {revision} has changed since {since}, and its PDF is missing")
            yield fails(Group.TEXTS, text, id=row.id, revision=row.revision, since=since, document=row.id)


def _now(times: Timeline) -> tuple[str, str] | None:
    """Revision and digest of the text in force."""
    now = times.now
    return (now.revision, now.facts.digest) if now and now.status is Status.EFFECTIVE else None


def _sign(row: Listed) -> tuple[str, str]:
    return row.revision, row.digest


# -- statements ------------------------------------------------------------------------------------------------------


def _statements(
    package: Package, rows: Sequence[Listed], manifests: Sequence[Manifest], files: Mapping[str, bytes], today: date
) -> Iterator[Line]:
    given = {path: data for path, data in files.items() if path.startswith(f"{FOLDER}/")}
    people = [(one.time, one.name, _organization(files, one.organization)) for one in package.releases]
    held = {
        sha256(given[path]): Held(one.name, one.time)
        for one in reversed(package.releases) for path in one.statements if path in given
    }  # fmt: skip
    case = Case(
        files=given, today=max(today, package.day), texts=_known(rows, manifests), held=held,
        rights=Rights(organizations=tuple(people), current=people[-1][2] if people else Organization()),
        kinds={row.id: (row.kind, package.kinds.get(row.kind, row.kind)) for row in rows},
    )  # fmt: skip
    found = judge(case)
    yield from statement_lines(found)
    plain = [row for row in rows if row.pdf and folder_of(row.id, row.revision) not in found.folders]
    if plain:
        text = N_("texts whose approvals stand in their headers alone, or whose statements are not here: {count}")
        yield unknown(Group.STATEMENTS, text, count=str(len(plain)))


def _organization(files: Mapping[str, bytes], path: str) -> Organization:
    return read_organization(decode(path, files[path])) if path in files else Organization()


def _known(rows: Sequence[Listed], manifests: Sequence[Manifest]) -> dict[tuple[str, str], frozenset[str]]:
    """Number and revision → digests of the texts that bear them; of the register alone where it lists them."""
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for manifest in manifests:
        for one in manifest.documents:
            known[one.id, one.revision].add(one.digest)
    return {key: frozenset(found) for key, found in known.items()} | {
        (row.id, row.revision): frozenset({row.digest}) for row in rows
    }
