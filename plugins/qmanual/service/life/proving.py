"""What stands behind a signature: the signed statements that a text has, and the one that a key adds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from qmanual.checks.approval import MEANING_NAMES
from qmanual.control.judging import Case, Verdict, judge, last_round
from qmanual.control.statement import Statement, folder_of
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model import Document, Meaning
from qmanual.service.life.plan import FileChange, written
from qmanual.service.loading import Manual
from qmanual.service.statements import Drafted, Means, Unfit, draft, read_case, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs, in which meaning, on which day, at which moment of it; with a key (`means`), where one is used."""

    by: str
    meaning: Meaning
    on: date
    moment: datetime
    means: Means | None = None


@dataclass(frozen=True)
class Proof:
    """The statements of a manual, seen by somebody who is about to sign; `rejecting`: why he refuses, if he does."""

    manual: Manual
    signing: Signing
    rejecting: str | None = None

    @cached_property
    def case(self) -> Case:
        """What statements are judged by."""
        return read_case(self.manual, whole=self.signing.means is not None)

    @cached_property
    def judged(self) -> Verdict:
        """The statements that there are."""
        return judge(self.case)

    def lacks_key(self, document: Document) -> Phrase | None:
        """What is missing of the proof that is asked for of this kind of document."""
        level, means = self.case.demand(document.id).level, self.signing.means
        if level and means is None:
            return Phrase(N_("its kind is signed with a key: --key FILE, or --key agent"))
        if level >= 2 and means and not means.tsa:
            return Phrase(N_("its kind is signed with a time stamp: --tsa ADDRESS"))
        return None

    def rejected(self, document: Document) -> Phrase | None:
        """Who rejected just this text: it is changed before anybody signs it."""
        found = self.judged.rejection(folder_of(document.id, document.revision), document.digest)
        if found is None:
            return None
        one = found.statement
        text = N_("{name} rejected this text on {day} ({comment}); change it, commit it, and have it prepared anew")
        return Phrase(text, name=one.name, day=one.time.date().isoformat(), comment=one.comment or "—")

    def begins_anew(self, document: Document) -> bool:
        """Whether the signature begins a new round, because the statements that there are speak of another text."""
        signing = self.signing
        found = self._round(document) if signing.means and signing.meaning is Meaning.PREPARED else ()
        return bool(found) and all(one.digest != document.digest for one in found)

    def unproven(self, document: Document, earlier: Iterable[Meaning]) -> Phrase | None:
        """Why no statement about this document would hold; None when it would, or when no key is used."""
        if self.signing.means is None:
            return None
        stated = {one.meaning for one in self._round(document) if one.digest == document.digest}
        if missing := [one for one in earlier if one not in stated]:
            text = N_(
                "its header says that it was {meaning}, but no signed statement about this text does; empty the "
                "signatures in {path}, commit it, and have all of them given anew with --key, in their order"
            )
            return Phrase(text, meaning=Phrase(MEANING_NAMES[missing[0]]), path=document.path)  # fmt: skip
        try:
            self.draft(document)
        except Unfit as error:
            return error.reason
        return None

    def _round(self, document: Document) -> list[Statement]:
        filed = self.judged.folders.get(folder_of(document.id, document.revision), ())
        return [one.statement for one in last_round(filed)]

    def draft(self, document: Document) -> Drafted:
        """The statement that is to be signed. Raises `CannotRun`, see `statements.draft`."""
        signing = self.signing
        name = written(self.manual, signing.by)
        return draft(
            self.case, document, name=name, meaning=signing.meaning, time=signing.moment, rejected=self.rejecting,
            signed=self.rejecting is None or signing.means is not None,
        )  # fmt: skip

    def drafts(self, documents: Iterable[Document]) -> Sequence[Drafted]:
        """The statements to be signed about these documents; none when no key is used. Raises `CannotRun`."""
        return [self.draft(one) for one in documents] if self.signing.means else []

    def sealed(self, drafts: Iterable[Drafted]) -> tuple[FileChange, ...]:
        """The files of these statements, signed. Raises `CannotRun` when nobody signs."""
        means = self.signing.means
        assert means is not None
        files = [pair for one in drafts for pair in seal(self.case, one, means).items()]
        return tuple(FileChange(path=path, old=None, new=data) for path, data in files)
