"""`plugins: qmanual:` of mkdocs.yml into `Settings`. Every mistake is a fault with its line; the default stands in."""

import re
from collections.abc import Mapping
from dataclasses import replace

import yaml

from qmanual.finding import FaultKind, Phrase, Severity
from qmanual.language import LANGUAGES, N_, Language
from qmanual.model import Meaning, Text
from qmanual.nodes import Entries, Entry, Node, Reader, aliases
from qmanual.parse.branding import read_branding
from qmanual.parse.header import MEANINGS, OWN_KEYS_TAKEN
from qmanual.parse.seal import read_seal
from qmanual.revision import SCHEMES
from qmanual.settings import DEFAULT_KINDS, Decision, Kind, OwnField, Section, Settings
from qmanual.source import SourceFile

NAMES = aliases({
    "kinds": (), "revision": (), "standards": (), "standard_files": (), "header_fields": (), "off": (), "severity": (),
    "profiles": (), "review_notice_days": (), "approval_tolerance_days": (), "copy_recall_days": (), "archive_pdfs": (),
    "placeholders": (), "language": (),
    "data_folder": (), "signatures": (), "seal": (), "branding": (),
})  # fmt: skip
_KIND = aliases({"folder": (), "title": (), "id": (), "sections": (), "approvals": (), "form": (), "records": ()})
_FIELD = aliases({"label": (), "required": (), "pattern": (), "kinds": ()})
_SEVERITIES = {severity.value: severity.value for severity in Severity}
_LEVELS = {"0": "0", "1": "1", "2": "2"}
_CODE = re.compile(r"QM\d{3}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^/\s\x00-\x1f\"<>]\S{0,300}")
_FOLDER = re.compile(r"(?!\.)[^\\:*?\"<>|\x00-\x1f]+")


def read_settings(source: SourceFile | None) -> Settings:
    """The settings in mkdocs.yml; all defaults when there is none (None) or it does not name the plugin."""
    if source is None:
        return Settings()
    reader = _SettingsReader(source)
    text, kept = _mkdocs_only(source.text)
    node = reader.compose(text) if kept else None
    settings = reader.read(node) if node is not None else Settings()
    return replace(settings, path=source.path, faults=tuple(reader.faults))


def _mkdocs_only(text: str) -> tuple[str, bool]:
    """MkDocs's own tags (`!ENV`, `!!python/name:`) and anchors are its business: only ours must be plain YAML.

    Everything but `site_name`, `site_url` and `plugins` is blanked, line by line, so that spans stay right.
    """
    keep, out = False, []
    for line in text.split("\n"):
        if line[:1] not in ("", " ", "\t", "-", "#"):
            keep = re.match(r"(site_name|plugins)\s*:|site_url\s*:\s*[\"']?http", line) is not None
        out.append(line if keep else "")
    return "\n".join(out), any(out)


class _SettingsReader(Reader):
    def __init__(self, source: SourceFile) -> None:
        super().__init__(source)
        self.rules_named: list[Text] = []

    def read(self, top: yaml.MappingNode) -> Settings:
        entries = self.entries(top, aliases({"site_name": (), "site_url": (), "plugins": ()}), open_=True)
        name = self.text(entries.get("site_name"))
        base = Settings(site_name=name.value if name else "", site_url=self._address(entries.get("site_url")))
        section = self._section(entries.get("plugins"))
        if section is None:
            return base
        found = self.entries(section.node, NAMES)
        days = self.number(found.get("review_notice_days"))
        tolerance = self.number(found.get("approval_tolerance_days"))
        recall = self.number(found.get("copy_recall_days"))
        standards, files = self.texts(found.get("standards")), self.texts(found.get("standard_files"))
        kinds = self._kinds(found.get("kinds"))
        return replace(
            base,
            span=section.key,
            kinds=kinds,
            scheme=SCHEMES[self.one_of(found.get("revision"), {name: name for name in SCHEMES}) or base.scheme.name],
            standards=tuple(text.value for text in standards) or base.standards,
            standard_files=tuple(text.value for text in files),
            places={text.value: text.span for text in (*standards, *files)},
            fields=self._fields(found.get("header_fields"), {kind.name: kind.name for kind in kinds}),
            off=self._off(found.get("off")),
            severity=self._severity(found.get("severity")),
            profiles=self._profiles(found.get("profiles")),
            placeholders=tuple(text.value for text in self.texts(found.get("placeholders"))),
            review_notice_days=base.review_notice_days if days is None else int(days),
            approval_tolerance_days=base.approval_tolerance_days if tolerance is None else int(tolerance),
            copy_recall_days=base.copy_recall_days if recall is None else int(recall),
            archive_pdfs=self.boolean(found.get("archive_pdfs"), base.archive_pdfs),
            language=self._language(found.get("language")),
            signatures=self._signatures(found.get("signatures"), {kind.name: kind.name for kind in kinds}),
            seal=read_seal(self, found.get("seal")),
            branding=read_branding(self, found.get("branding")),
            data_folder=self._folder(found.get("data_folder")) or base.data_folder,
            rules_named=tuple(self.rules_named),
        )

    def _address(self, entry: Entry | None) -> str:
        """`site_url`, with a slash at its end; empty where it is none (MkDocs takes a tag such as `!ENV` there)."""
        written = entry.node.value if entry and isinstance(entry.node, yaml.ScalarNode) else ""
        return written.strip().rstrip("/") + "/" if _ADDRESS.fullmatch(str(written).strip()) else ""

    def _language(self, entry: Entry | None) -> Language | None:
        said = self.one_of(entry, {name: name for name in LANGUAGES})
        return next((language for language in LANGUAGES if language == said), None)

    def _section(self, plugins: Entry | None) -> Entry | None:
        """The entry `qmanual` in the list (or mapping) of plugins."""
        if plugins is None:
            return None
        node = plugins.node
        nodes: list[Node] = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for item in nodes:
            if isinstance(item, yaml.MappingNode):
                for key, value in item.value:
                    if key.value == "qmanual":
                        return Entry(self.span(key), value)
        return None

    # -- kinds -------------------------------------------------------------------------------------------------

    def _kinds(self, entry: Entry | None) -> tuple[Kind, ...]:
        kinds = {kind.name: kind for kind in DEFAULT_KINDS}
        if entry is None:
            return DEFAULT_KINDS
        for name, one in self.entries(entry.node, {}, open_=True).items():
            if not _NAME.fullmatch(name):
                self.fault(FaultKind.UNKNOWN_VALUE, one.key, text=name, known="a-z, 0-9, _")
                continue
            base = kinds.get(name) or Kind(name=name, folder=name, title=name, id=rf"{re.escape(name.upper())}-[\d.-]+")
            kinds[name] = self._kind(base, one)
        return tuple(kinds.values())

    def _kind(self, base: Kind, entry: Entry) -> Kind:
        found = self.entries(entry.node, _KIND)
        title = self.text(found.get("title"))
        sections = self._sections(found["sections"]) if "sections" in found else base.sections
        approvals = self._meanings(found["approvals"]) if "approvals" in found else base.approvals
        return Kind(
            name=base.name,
            folder=self._folder(found.get("folder")) or base.folder,
            title=title.value if title else base.title,
            id=self._regex(found.get("id")) or base.id,
            sections=base.sections if sections is None else sections,
            approvals=base.approvals if approvals is None else approvals,
            form=self.boolean(found.get("form"), base.form),
            records=self.boolean(found.get("records"), base.records),
        )

    def _meaning(self, text: Text) -> Meaning | None:
        name = MEANINGS.get(text.value)
        if name is None:
            known = ", ".join(meaning.value for meaning in Meaning)
            self.fault(FaultKind.UNKNOWN_VALUE, text.span, text=text.value, known=known)
        return Meaning(name) if name else None

    def _meanings(self, entry: Entry) -> tuple[Meaning, ...] | None:
        """A list of signatures; None when one of them is not known: a slip must not do away with an approval."""
        before = len(self.faults)
        meanings = tuple(m for text in self.texts(entry) if (m := self._meaning(text)))
        return meanings if len(self.faults) == before else None

    def _sections(self, entry: Entry) -> tuple[Section, ...] | None:
        """A list of names; `目的|Purpose` or a list within the list gives several names to one section.

        None when it is no such list.
        """
        before = len(self.faults)
        sections = []
        for node in self.items(entry):
            names = tuple(part.strip() for text in self.texts(Entry(entry.key, node)) for part in text.value.split("|"))
            if any(names):
                sections.append(Section(tuple(name for name in names if name)))
        return tuple(sections) if len(self.faults) == before else None

    def _folder(self, entry: Entry | None) -> str | None:
        text = self.text(entry)
        if text is None:
            return None
        folder = text.value.strip("/")
        if _FOLDER.fullmatch(folder) and not {"..", ".", ".git", "site", "dist"} & set(folder.split("/")):
            return folder
        self.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=Phrase(N_("a folder inside the manual")))
        return None

    def _regex(self, entry: Entry | None) -> str | None:
        text = self.text(entry)
        if text is None:
            return None
        try:
            pattern = re.compile(text.value, re.ASCII)
        except (re.error, OverflowError, RecursionError):
            pattern = None
        if pattern is None or pattern.match("") or len(text.value) > 500:
            expected = Phrase(N_("a regular expression that matches a whole number, and not the empty text"))
            self.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
            return None
        # groups would be counted together with those of other kinds: make them anonymous
        return re.sub(r"(?<!\\)\((?!\?)", "(?:", text.value)

    # -- the company's own fields, rules -----------------------------------------------------------------------

    def _fields(self, entry: Entry | None, kinds: Mapping[str, str]) -> tuple[OwnField, ...]:
        fields = []
        for name, one in (self.entries(entry.node, {}, open_=True) if entry else {}).items():
            if name in OWN_KEYS_TAKEN:
                expected = Phrase(N_("a name that the header does not use already"))
                self.fault(FaultKind.WRONG_TYPE, one.key, text=name, expected=expected)
                continue
            found = self.entries(one.node, _FIELD)
            label = self.text(found.get("label"))
            fields.append(
                OwnField(
                    name,
                    label.value if label else name,
                    required=self.boolean(found.get("required"), False),
                    pattern=self._regex(found.get("pattern")),
                    kinds=tuple(self.some_of(found.get("kinds"), kinds)),
                )
            )
        return tuple(fields)

    def _signatures(self, entry: Entry | None, kinds: Mapping[str, str]) -> dict[str, int]:
        """`signatures: {procedure: 1}`. What cannot be read asks for the most: a slip must not do away with proof."""
        found = self.entries(entry.node, kinds) if entry else {}
        return {name: int(self.one_of(one, _LEVELS) or "2") for name, one in found.items()}

    def _off(self, entry: Entry | None) -> dict[str, Decision]:
        """`off: {QM605: reason}`; a rule without a reason stays on, and its entry is a fault."""
        off = {}
        for code, one in self._codes(entry).items():
            reason = self.text(one)
            if reason is None:
                self.fault(FaultKind.MISSING_VALUE, one.key, key=code, expected=Phrase(N_("the reason why it is off")))
            else:
                off[code] = Decision(reason.value, one.key)
        return off

    def _severity(self, entry: Entry | None) -> dict[str, Severity]:
        found = {code: self.one_of(one, _SEVERITIES) for code, one in self._codes(entry).items()}
        return {code: Severity(name) for code, name in found.items() if name}

    def _profiles(self, entry: Entry | None) -> dict[str, dict[str, Severity]]:
        """`profiles: {release: {QM310: warning}}`: severities that hold for one `check --for` only."""
        named = self.entries(entry.node, {}, open_=True) if entry else {}
        return {name: self._severity(one) for name, one in named.items()}

    def _codes(self, entry: Entry | None) -> Entries:
        found = self.entries(entry.node, {}, open_=True) if entry else {}
        for code, one in found.items():
            if not _CODE.fullmatch(code):
                self.fault(FaultKind.UNKNOWN_VALUE, one.key, text=code, known="QM101 … QM999")
        self.rules_named += [Text(code, one.key) for code, one in found.items() if _CODE.fullmatch(code)]
        return {code: one for code, one in found.items() if _CODE.fullmatch(code)}
