"""What a company decides for itself: kinds of documents, numbers, revisions, sections, approvals, standards, rules.

Everything has a default, so that an empty `plugins: [qmanual]`, or no mkdocs.yml at all, works. The settings are read
with spans like everything else; a mistake in them is a finding with its line in mkdocs.yml (`parse.settings`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from qmanual import revision
from qmanual.finding import Fault, Severity
from qmanual.language import N_, Language
from qmanual.model import Meaning, Text
from qmanual.model.branding import Branding
from qmanual.model.seal import Seal
from qmanual.revision import Scheme
from qmanual.source import Span

NUMBER = r"\d+(?:\.\d+)*(?:-\d+)*"


@dataclass(frozen=True, slots=True)
class Section:
    """A section that a kind of document must have; any one of `names` will do as its heading."""

    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name by which the section is known in a company that has not said otherwise."""
        return self.names[0]

    def named(self, language: Language | None) -> str:
        """The name shown in a manual of that language."""
        english = (name for name in self.names if name.isascii())
        return next(english, self.name) if language == "en" else self.name


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of document: `folder` it lies in, `id` the regular expression of its numbers, what it must have."""

    name: str
    folder: str
    title: str
    id: str
    sections: tuple[Section, ...] = ()
    approvals: tuple[Meaning, ...] = (Meaning.PREPARED, Meaning.REVIEWED, Meaning.APPROVED)
    form: bool = False
    records: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled form of `id`; match it whole."""
        return re.compile(self.id, re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnField:
    """A header field of the company's own."""

    name: str
    label: str
    required: bool = False
    pattern: str | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule switched off, with the reason that is shown wherever the rule would have spoken."""

    reason: str
    span: Span


PROCEDURE_SECTIONS = (
    Section(("目的", "Purpose")),
    Section(("范围", "适用范围", "Scope")),
    Section(("职责", "权责", "职责权限", "职责和权限", "职责与权限", "Responsibilities", "Responsibility")),
    Section(
        (
            "工作程序",
            "程序",
            "程序内容",
            "工作流程",
            "流程",
            "内容",
            "管理内容",
            "控制要求",
            "Procedure",
            "Process",
            "Steps",
        )
    ),
    Section(
        (
            "相关文件",
            "支持性文件",
            "引用文件",
            "参考文件",
            "相关文件和记录",
            "相关文件与记录",
            "Related documents",
            "References",
        )
    ),
    Section(
        (
            "相关记录",
            "记录",
            "质量记录",
            "记录表单",
            "相关表单",
            "记录表格",
            "相关文件和记录",
            "相关文件与记录",
            "Records",
            "Related records",
        )
    ),
)

DEFAULT_KINDS = (
    Kind(name="manual", folder="manual", title=N_("Quality manual"), id=f"QM-{NUMBER}"),
    Kind(
        name="procedure",
        folder="procedures",
        title=N_("Procedure"),
        id=f"QP-{NUMBER}",
        sections=PROCEDURE_SECTIONS,
        records=True,
    ),
    Kind(name="instruction", folder="instructions", title=N_("Work instruction"), id=f"WI-{NUMBER}"),
    Kind(name="form", folder="forms", title=N_("Record form"), id=f"QR-{NUMBER}", form=True),
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, typed. `path` and `span` tell where they were read, for findings about them.

    `places`: where each standard and each file of a standard is named; `rules_named`: every rule that they speak of.
    `signatures`: kind → 1 when its approvals are signed, 2 when each signature bears a time stamp as well.
    """

    path: str = "mkdocs.yml"
    span: Span = field(default_factory=lambda: Span("mkdocs.yml"))
    site_name: str = ""
    site_url: str = ""
    language: Language | None = None
    kinds: tuple[Kind, ...] = DEFAULT_KINDS
    scheme: Scheme = revision.DEFAULT
    standards: tuple[str, ...] = ("ISO 9001:2015",)
    standard_files: tuple[str, ...] = ()
    fields: tuple[OwnField, ...] = ()
    off: Mapping[str, Decision] = field(default_factory=dict)
    severity: Mapping[str, Severity] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, Severity]] = field(default_factory=dict)
    review_notice_days: int = 30
    archive_pdfs: bool = True
    approval_tolerance_days: int = 0
    copy_recall_days: int = 7
    placeholders: tuple[str, ...] = ()
    data_folder: str = "manual"
    signatures: Mapping[str, int] = field(default_factory=dict)
    seal: Seal | None = None
    branding: Branding = field(default_factory=Branding)
    places: Mapping[str, Span] = field(default_factory=dict)
    rules_named: tuple[Text, ...] = ()
    faults: tuple[Fault, ...] = ()

    def kind(self, name: str) -> Kind:
        """The kind of that name; every document's kind is one of the settings'."""
        return next(kind for kind in self.kinds if kind.name == name)

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The source folders, in the order of the kinds."""
        return tuple(kind.folder for kind in self.kinds)

    @cached_property
    def number(self) -> re.Pattern[str]:
        """A document number of any kind in running text, not as a part of a longer word or number."""
        any_id = "|".join(f"(?:{kind.id})" for kind in self.kinds)
        return re.compile(rf"(?<![A-Za-z0-9_.\-])(?:{any_id})(?![A-Za-z0-9_]|[\-.][A-Za-z0-9])", re.ASCII)
