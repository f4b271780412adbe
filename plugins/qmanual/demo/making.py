"""Lets the story happen: step by step in a new repository, by the use cases that the commands call.

Each commit bears the day and the name that the story gives; signatures are made by ssh-keygen with the test keys.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from qmanual.demo.beginning import changed, first_files
from qmanual.demo.keys import key_path, public_line, write_keys
from qmanual.demo.story import HandOut, Issue, Pair, Revise, Sign, Step, Story, TakeBack, Withdraw, Write
from qmanual.git import Repository
from qmanual.git.writing import GitRefused, Recording, found, record
from qmanual.language import N_, Translator
from qmanual.service.copies.issuing import Meant, issue
from qmanual.service.copies.recalling import Recall, recall
from qmanual.service.life.approving import approve
from qmanual.service.life.carrying import carry_out
from qmanual.service.life.plan import Plan
from qmanual.service.life.proving import Signing
from qmanual.service.life.releasing import Issuing, release
from qmanual.service.life.revising import Revision, revise
from qmanual.service.life.showing import sentence
from qmanual.service.life.withdrawing import Withdrawing, withdraw
from qmanual.service.loading import load
from qmanual.service.statements import Means, tag_signer
from qmanual.whole import writing
from qmanual.workspace import CannotRun

KEYS = ".demo-keys"
_EXCLUDED = f"/{KEYS}/\n/dist/\n"
_PEOPLE = "manual/organization.yml"
_COPIES = "dist/copies"
_SAY = Translator("zh")
"""What stands in the repository is the company's, whatever the language of the terminal."""

Told = Callable[[Step, str], None]
"""Hears of every step and the first line of what was committed."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where the story plays."""

    root: Path
    story: Story
    told: Told

    @property
    def keys(self) -> Path:
        return self.root / KEYS


def make(sample: Path, target: Path, story: Story, told: Told) -> None:
    """Write the repository into `target`, a folder that is empty or does not exist yet. Raises `CannotRun`."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CannotRun(N_("{place} is not empty. Name a new folder."), place=str(target))
    files = first_files(sample, story)
    stage = _Stage(target, story, told)
    try:
        target.mkdir(parents=True, exist_ok=True)
        found(target)
        exclude = target / ".git" / "info" / "exclude"
        exclude.parent.mkdir(exist_ok=True)
        exclude.write_text(_EXCLUDED, encoding="utf-8")
        write_keys(stage.keys, story.people)
        _write(stage, files)
        for step in story.steps:
            _happen(stage, step, files if step is story.steps[0] else {})
    except GitRefused as error:
        raise CannotRun(
            N_("git did not do it: {reason}. Remove {place} and run the command again."),
            reason=error.reason,
            place=str(target),
        ) from error
    except OSError as error:
        text = N_("Cannot write into {place}: {reason}. Name another folder.")
        raise CannotRun(text, place=str(target), reason=error.strerror or "") from error


def _happen(stage: _Stage, step: Step, files: dict[str, bytes]) -> None:
    """Let one step happen. `files` are in the work tree already and belong to its commit."""
    match step:
        case Write():
            new = _edited(stage, step.edits) | _registered(stage, step)
            _write(stage, new)
            _commit(stage, step, [*files, *new], step.message)
        case Revise():
            meant = Revision(summary=step.summary, by=step.by, effective=step.effective)
            plan = revise(load(stage.root, step.time.date()), step.id, meant)
            carry_out(stage.root, plan)
            new = _edited(stage, step.edits)
            _write(stage, new)
            title = f"{sentence(plan.title, _SAY)}\n\n{step.summary}"
            _commit(stage, step, [*_paths(plan), *new], title)
        case Sign():
            plan = _sealed(approve(load(stage.root, step.time.date()), step.ids, _signing(stage, step)))
            carry_out(stage.root, plan)
            _commit(stage, step, _paths(plan), sentence(plan.title, _SAY))
        case Withdraw():
            act = Withdrawing(on=step.day, by=step.by, reason=step.reason)
            plan = withdraw(load(stage.root, step.time.date()), step.id, act)
            carry_out(stage.root, plan)
            _commit(stage, step, _paths(plan), f"{sentence(plan.title, _SAY)}\n\n{step.reason}")
        case Issue():
            _release(stage, step)
        case HandOut() | TakeBack():
            plan = _sealed(_copies(stage, step))
            carry_out(stage.root, plan)
            _commit(stage, step, _paths(plan), sentence(plan.title, _SAY))


def _release(stage: _Stage, step: Issue) -> None:
    manual = load(stage.root, step.time.date())
    key = str(key_path(stage.keys, stage.story.by_name[step.by]))
    issuing = Issuing(
        release=step.name, name=step.by, email=_email(stage, step.by), moment=step.time,
        sign=tag_signer(manual, step.by, key) if step.key else None,
    )  # fmt: skip
    plan = release(manual, issuing)
    carry_out(stage.root, plan)
    stage.told(step, sentence(plan.title, _SAY))


def _copies(stage: _Stage, step: HandOut | TakeBack) -> Plan:
    """Copies handed out, their PDFs put where `copies issue` puts them, or taken back."""
    manual = load(stage.root, step.time.date())
    if isinstance(step, TakeBack):
        meant = Recall(numbers=step.numbers, act=step.act, on=manual.today, by=step.by, reason=step.reason)
        plan = recall(manual, step.id, meant)
    else:
        found = issue(manual, step.id, Meant(by=step.by, medium=step.medium, every=True), stage.root / _COPIES)
        plan = found.plan if found else None
    assert plan is not None  # the story knows who holds what
    return plan


def _signing(stage: _Stage, step: Sign) -> Signing:
    means = Means(key=str(key_path(stage.keys, stage.story.by_name[step.by]))) if step.key else None
    return Signing(by=step.by, meaning=step.meaning, on=step.time.date(), means=means, moment=step.time)


def _sealed(plan: Plan) -> Plan:
    return replace(plan, files=(*plan.files, *plan.seal()), seal=None) if plan.seal else plan


def _registered(stage: _Stage, step: Write) -> dict[str, bytes]:
    """The list of people with everybody's key, where the step registers them."""
    if step.keys_since is None:
        return {}
    text = (stage.root / _PEOPLE).read_text(encoding="utf-8")
    pairs = []
    for person in stage.story.people:
        start = f"  - name: {person.name}\n"
        entry = f"    keys:\n      - {{key: {public_line(person)}, since: {step.keys_since.isoformat()}}}\n"
        _, _, rest = text.partition(start)
        department = rest.partition("\n")[0] + "\n"
        pairs.append(Pair(path=_PEOPLE, old=start + department, new=start + department + entry))
    return changed({_PEOPLE: text.encode()}, tuple(pairs))


def _edited(stage: _Stage, pairs: tuple[Pair, ...]) -> dict[str, bytes]:
    return changed({pair.path: (stage.root / pair.path).read_bytes() for pair in pairs}, pairs)


def _write(stage: _Stage, files: dict[str, bytes]) -> None:
    with writing({stage.root / path: data for path, data in files.items()}):
        pass


def _paths(plan: Plan) -> list[str]:
    return [change.path for change in plan.files]


def _commit(stage: _Stage, step: Step, paths: list[str], message: str) -> None:
    recording = Recording(
        paths=tuple(sorted(set(paths))), message=message, name=step.by, email=_email(stage, step.by), moment=step.time
    )
    record(Repository(stage.root), recording)
    stage.told(step, message.partition("\n")[0])


def _email(stage: _Stage, name: str) -> str:
    person = stage.story.by_name.get(name)
    return f"{person.word if person else 'office'}@chengyu.example"
