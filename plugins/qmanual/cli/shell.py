"""What every command shares: where it works, on which day, in which language; and the group they hang from."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from qmanual import __version__
from qmanual.finding import Finding
from qmanual.language import LANGUAGES, N_, Language, Translator
from qmanual.service.loading import Manual, load
from qmanual.workspace import CannotRun

Command = TypeVar("Command", bound=Callable[..., object])

OK, FINDINGS, CANNOT, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143


@dataclass
class Session:
    """What stands before the command: which manual, which day (`clock`: nobody named one), which language, where
    results go.
    """

    root: Path
    today: date
    lang: Language | None
    out: Path
    yes: bool = False
    draft: bool = False
    jobs: int | None = None
    cache: bool = True
    scheduler: str = ""
    clock: bool = False

    def load(self) -> Manual:
        """The manual, read now."""
        return load(self.root, self.today, self.clock)

    def printing(self, jobs: int | None, no_cache: bool, scheduler: str | None) -> None:
        """Take what was said behind the command; what stood before it holds as well."""
        self.jobs, self.scheduler = jobs or self.jobs, scheduler or self.scheduler
        self.cache &= not no_cache

    def say(self, manual: Manual | None = None) -> Translator:
        """The reader's language: what was asked for, else the manual's, else the environment's."""
        settled = manual.register.settings.language if manual else None
        return Translator(self.lang or settled or spoken(os.environ))


def refuse_empty(manual: Manual, findings: Sequence[Finding]) -> None:
    """Where there is no document and nothing to say, this is hardly the folder that was meant."""
    if not manual.register.documents and not findings:
        text = N_(
            "There is no document in {root}. Documents are .md files in the folders {folders}. "
            "Put one there, or name the folder of the manual: --root FOLDER"
        )
        raise CannotRun(text, root=str(manual.root), folders=", ".join(manual.register.settings.folders))


def spoken(environment: Mapping[str, str]) -> Language:
    """The language of a terminal: English where it says so, Chinese otherwise (our users are Chinese first)."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "en" if named.lower().startswith("en") else "zh"


class Day(click.ParamType[date]):
    """A date on the command line."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value}", param, ctx)


DRAFT_OPTION = click.option(
    "--draft", is_flag=True, help=N_("show the files as they are now, marked as drafts, instead of what is released")
)


_JOBS = click.option(
    "--jobs", type=click.IntRange(1, 512), metavar="N", help=N_("print with this many processes instead of one a core")
)
_NO_CACHE = click.option("--no-cache", is_flag=True, help=N_("print everything anew, and keep nothing for later"))
_SCHEDULER = click.option("--scheduler", metavar="ADDRESS", help=N_("print on the Dask cluster with this scheduler"))


def print_options(command: Command) -> Command:
    """The options that say how PDFs are printed; `Session.printing` takes them."""
    return _JOBS(_NO_CACHE(_SCHEDULER(command)))


class Main(click.Group):
    """The group. `job`: what runs where no command is named; the module that has it sets it."""

    job: Callable[[Session], int]


@click.group(
    cls=Main,
    invoke_without_command=True,
    help=N_(
        "Check, print and publish a quality manual. Without a command: check everything, then build the site, the PDFs "
        "and the register into dist/."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--root", type=click.Path(path_type=Path), default=Path(), help=N_("work on the manual in this folder"))
@click.option("--out", type=click.Path(path_type=Path), help=N_("write results into this folder instead of dist/"))
@click.option("--today", type=Day(), help=N_("see the manual as of this day"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=N_("language of the messages"))
@click.option("--yes", is_flag=True, help=N_("answer every question with yes"))
@DRAFT_OPTION
@print_options
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def qmanual(
    ctx: click.Context,
    root: Path,
    out: Path | None,
    today: date | None,
    lang: Language | None,
    yes: bool,
    draft: bool,
    jobs: int | None,
    no_cache: bool,
    scheduler: str | None,
) -> None:
    ctx.obj = Session(root.absolute(), today or date.today(), lang, (out or root / "dist").absolute(), yes, draft)
    ctx.obj.clock = today is None
    ctx.obj.printing(jobs, no_cache, scheduler)
    if ctx.invoked_subcommand is None:
        ctx.exit(qmanual.job(ctx.obj))
