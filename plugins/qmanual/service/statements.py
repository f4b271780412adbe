"""Signed statements of a manual: what they are judged by, read from its releases, and a new one signed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from qmanual.control.history import Release
from qmanual.control.judging import Case, Ground, Held, Rights, Verdict, judge
from qmanual.control.judging.gather import case_of
from qmanual.control.statement import FOLDER, NAMESPACE, SIGNATURE, STAMP, Decision, Statement, compose, folder_of
from qmanual.control.statement import sha256 as digest_of
from qmanual.finding import Phrase
from qmanual.git.trees import read_trees
from qmanual.language import N_
from qmanual.manual import ORGANIZATION, SETTINGS
from qmanual.model import Document, Meaning, Organization, Person
from qmanual.parse.organization import read_organization
from qmanual.parse.settings import read_settings
from qmanual.service.loading import Manual
from qmanual.settings import Settings
from qmanual.signer import sign, stamp
from qmanual.signing import PublicKey, Refused
from qmanual.workspace import CannotRun, decode


def verdict(manual: Manual) -> Verdict:
    """What is wrong with the statements of a manual, and which ones are sound."""
    return judge(read_case(manual))


def read_case(manual: Manual, *, whole: bool = False) -> Case:
    """What the statements of a manual are judged by.

    Who might sign is read out of the releases only where there are, or were, statements, or when `whole` is asked for.
    """
    register, history = manual.register, manual.history
    newest = history.newest
    kept = {}
    if newest:
        blobs = read_trees(manual.archive.repository, [newest.commit], (FOLDER,))[newest.commit]
        kept = {path: digest_of(data) for path, data in _contents(manual, blobs)}
    before = _settings(manual, (newest,))[newest.name] if newest else None
    if not (whole or register.tree.approvals or kept):
        return case_of(register, history, manual.today, before=before)
    return case_of(register, history, manual.today, read_rights(manual, history.releases), _held(manual), kept, before)


def _settings(manual: Manual, releases: tuple[Release, ...]) -> Mapping[str, Settings]:
    """Release → its own settings."""
    found = _contents_of(manual, {release.name: f"{release.commit}:{SETTINGS}" for release in releases})
    read = {data: read_settings(decode(SETTINGS, data)) for data in set(found.values())}
    return {release.name: read[found[release.name]] if release.name in found else Settings() for release in releases}


def organization_files(manual: Manual, releases: tuple[Release, ...]) -> Mapping[str, tuple[str, bytes]]:
    """Release → path and bytes of the file that says who might sign, where the release's own settings look for it;
    nothing for one that has none.
    """
    paths = {name: f"{one.data_folder}/{ORGANIZATION}" for name, one in _settings(manual, releases).items()}
    found = _contents_of(manual, {one.name: f"{one.commit}:{paths[one.name]}" for one in releases})
    return {name: (paths[name], data) for name, data in found.items()}


def read_rights(manual: Manual, releases: tuple[Release, ...]) -> Rights:
    """Who might sign, as each release says it, from the bytes in its tree."""
    files = organization_files(manual, releases)
    people = {file: read_organization(decode(*file)) for file in set(files.values())}
    return Rights(
        organizations=tuple(
            (one.time, one.name, people[files[one.name]] if one.name in files else Organization()) for one in releases
        ),
        current=manual.register.organization,
    )


def _contents_of(manual: Manual, names: Mapping[str, str]) -> Mapping[str, bytes]:
    """Key → bytes, from key → `commit:path`, the path from the manual's root; nothing of what is not there."""
    repository = manual.archive.repository
    places = {key: name.replace(":", f":{repository.prefix}", 1) for key, name in names.items()}
    data = dict(repository.blobs(places.values()))
    return {key: data[place] for key, place in places.items() if place in data}


def _held(manual: Manual) -> Mapping[str, Held]:
    """Digest of a statement → the first release that holds it, together with the signature that it bears now."""
    releases, files = manual.history.releases, manual.register.tree.approvals
    trees = read_trees(manual.archive.repository, [one.commit for one in releases], (FOLDER,))
    blobs = dict.fromkeys(blob for tree in trees.values() for blob in tree.values())
    digests = {blob: digest_of(data) for blob, data in manual.archive.repository.blobs(blobs)}
    now = {path: digest_of(data) for path, data in files.items()}
    found: dict[str, Held] = {}
    for release in releases:
        for path, blob in trees[release.commit].items():
            signature = trees[release.commit].get(path + SIGNATURE, "")
            if path.endswith(".yml") and digests.get(signature) == now.get(path + SIGNATURE, digests.get(signature)):
                found.setdefault(digests[blob], Held(release.name, release.time))
    return found


def _contents(manual: Manual, blobs: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    data = dict(manual.archive.repository.blobs(blobs.values()))
    return ((path, data[blob]) for path, blob in blobs.items() if blob in data)


# -- signing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """By what somebody signs: a key file or `agent`, and the address of a time stamp authority, if any."""

    key: str
    tsa: str = ""
    sign: Callable[[bytes, str, str, tuple[PublicKey, ...]], bytes] = sign
    stamp: Callable[[bytes, str], bytes] = stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A statement that waits for its signature. `public`: the keys of the signer that count."""

    path: str
    data: bytes
    public: tuple[PublicKey, ...]


class Unfit(CannotRun):
    """A statement about this document would not hold; `reason` says why."""

    def __init__(self, cause: Phrase) -> None:
        super().__init__(N_("The statement would not hold: {cause}"), cause=cause)
        self.reason = Phrase(N_("its statement would not hold: {cause}"), cause=cause)


def draft(
    case: Case,
    document: Document,
    *,
    name: str,
    meaning: Meaning,
    time: datetime,
    rejected: str | None = None,
    signed: bool = True,
) -> Drafted:
    """What somebody is to sign about the document's text as it stands. `time` has a time zone.

    `rejected`: why the text is rejected, None when it is agreed to; a rejection alone may stay without a signature
    (`signed`). Raises `CannotRun` when nothing of that person would hold; `Unfit` when this statement would not,
    however well it were signed.
    """
    organization = case.rights.at(time)
    person = organization.person(name)
    if person is None and signed:
        raise CannotRun(N_("{name} is not among the people of {file} as the last release holds it."), name=name,
                        file=organization.path or ORGANIZATION)  # fmt: skip
    case = _about(case, folder_of(document.id, document.revision))
    found = judge(case).folders.get(folder_of(document.id, document.revision), ())
    decision = Decision.ACCEPTED if rejected is None else Decision.REJECTED
    statement = Statement(
        document=document.id, revision=document.revision, title=document.title, digest=document.digest,
        meaning=meaning, decision=decision, name=name, role=_role(person, meaning, time) if person else "",
        time=time.replace(microsecond=0), previous=found[-1].digest if found else "", comment=rejected or "",
    )  # fmt: skip
    public = tuple(key.public for key in (person.keys if person else ()) if key.valid_on(time.date()))
    if signed and not public:
        raise CannotRun(N_("The last release lists no key of {name} that counts on {day}. docs/keys.md tells how to "
                           "register one."), name=name, day=time.date().isoformat())  # fmt: skip
    drafted = Drafted(path=statement.path(len(found) + 1), data=compose(statement), public=public)
    _refuse(with_files(case, {drafted.path: drafted.data}), drafted.path, (Ground.SIGNATURE, Ground.STAMP))
    return drafted


def seal(case: Case, drafted: Drafted, means: Means) -> Mapping[str, bytes]:
    """The statement, its signature and its time stamp (path → bytes). Nothing is written.

    Raises `CannotRun` when nobody signs, or what was signed does not hold.
    """
    try:
        signature = means.sign(drafted.data, NAMESPACE, means.key, drafted.public)
        files = {drafted.path: drafted.data, drafted.path + SIGNATURE: signature}
        if means.tsa:
            files[drafted.path + STAMP] = means.stamp(signature, means.tsa)
    except Refused as error:
        raise CannotRun(error.text, **error.details) from error
    _refuse(with_files(_about(case, drafted.path.rpartition("/")[0]), files), drafted.path, ())
    return files


def _about(case: Case, folder: str) -> Case:
    """The case of one revision: what stands beside its statements makes no difference to a new one."""
    files = {path: data for path, data in case.files.items() if path.startswith(f"{folder}/")}
    return replace(case, files=files, kept={})


def tag_signer(manual: Manual, name: str, key: str) -> Callable[[bytes], str]:
    """Signs the tag of a release as git does, with a key file or `agent`. Raises `CannotRun` when nobody signs."""
    person = manual.register.organization.person(name)
    public = tuple(one.public for one in person.keys if one.valid_on(manual.today)) if person else ()

    def signed(content: bytes) -> str:
        try:
            return sign(content, "git", key, public).decode("ascii")
        except Refused as error:
            raise CannotRun(error.text, **error.details) from error

    return signed


def with_files(case: Case, files: Mapping[str, bytes]) -> Case:
    """The case with more files under `approvals/`."""
    return replace(case, files={**case.files, **files})


def _role(person: Person, meaning: Meaning, time: datetime) -> str:
    """The post in which somebody signs: one that gives the right, else any that he holds."""
    held = [post for post in person.posts if post.held_on(time.date())]
    return next((post.role for post in held if meaning in post.may), held[0].role if held else "")


def _refuse(case: Case, path: str, ignoring: tuple[Ground, ...]) -> None:
    """Raise `Unfit` for what would be wrong with the statement at `path`."""
    for problem in judge(case).problems:
        if problem.span.path == path and problem.ground not in ignoring:
            raise Unfit(problem.cause)
