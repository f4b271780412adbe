"""Keeps the message catalogue: gathers the texts of the program, writes the Chinese catalogue and its compiled form.

usage: catalogue.py update   add new texts (untranslated), drop texts that are gone, compile
       catalogue.py merge FILE…   take translations from other catalogues, then update

Texts are the arguments of `N_(…)` in Python and of `_(…)` or `say(…)` in templates.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "plugins" / "qmanual"
PO = PACKAGE / "locale" / "zh" / "LC_MESSAGES" / "qmanual.po"
MO = PO.with_suffix(".mo")

_IN_TEMPLATE = re.compile(r"""\b(?:_|say)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def texts() -> dict[str, str]:
    """Every text of the program → the module in which it stands first, in the order of the modules."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py":
            each = _python(path)
        elif path.suffix == ".html":
            each = _template(path)
        else:
            continue
        for text in each:
            found.setdefault(text, path.relative_to(PACKAGE).as_posix())
    return found


def _python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _template(path: Path) -> Iterator[str]:
    for match in _IN_TEMPLATE.finditer(path.read_text(encoding="utf-8")):
        yield (match[1] or match[2]).replace('\\"', '"').replace("\\'", "'")


def read(path: Path) -> dict[str, str]:
    """The translations of a catalogue file: text → Chinese."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}


def catalogue(translations: dict[str, str]) -> Catalog:
    """The Chinese catalogue of all texts of the program; what has no translation stays empty."""
    timeless = datetime(2026, 1, 1, tzinfo=UTC)  # the same texts give the same bytes
    made = Catalog(
        locale="zh", project="QManual", charset="utf-8", fuzzy=False, header_comment="# QManual, Chinese",
        creation_date=timeless, revision_date=timeless,
    )  # fmt: skip
    for text, module in texts().items():
        made.add(text, translations.get(text, ""), locations=[(module, 0)])
    return made


def rendered(made: Catalog) -> tuple[bytes, bytes]:
    """The bytes of the catalogue and of its compiled form."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, made, width=120, omit_header=False, include_lineno=False)
    write_mo(mo, made)
    return po.getvalue(), mo.getvalue()


def main(arguments: list[str]) -> int:
    """Run the command; 1 when texts are left untranslated."""
    translations = read(PO) if PO.exists() else {}
    if arguments[:1] == ["merge"]:
        for name in arguments[1:]:
            translations |= read(Path(name))
    elif arguments != ["update"]:
        print(__doc__)
        return 2
    made = catalogue(translations)
    PO.parent.mkdir(parents=True, exist_ok=True)
    po, mo = rendered(made)
    PO.write_bytes(po)
    MO.write_bytes(mo)
    missing = [str(entry.id) for entry in made if entry.id and not entry.string]
    print(f"{len(made)} texts, {len(missing)} without Chinese")
    for text in missing[:400]:
        print("  ", repr(text))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
