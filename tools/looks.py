"""Pictures of the three looks: one procedure of the demonstration, with a logo and a colour of its company's."""

import shutil
import tempfile
from pathlib import Path

from tools.shooting import run, sheet

_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 104 40"><rect width="40" height="40" rx="6" fill="#1f4e79"/>'
    '<path d="M8 30 20 9 32 30Z" fill="#fff"/><path d="M50 8h54v7H50zM50 22h38v7H50z" fill="#1f4e79"/></svg>'
)
_SETTINGS = """
      branding:
        look: {look}
        logo: branding/logo.svg
        colours: {{accent: "#1f4e79", head: "#e8eef5"}}
        confidentiality: 内部资料，不得外传
        print_valid: 7 days
"""
_DOTS = 66
"""Dots an inch: three of them stand side by side on the page."""


def looks(demo: Path, folder: Path) -> None:
    """The first page in each look, out of a copy of the demonstration, into a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "演示"
        shutil.copytree(demo, root, ignore=shutil.ignore_patterns("dist"))
        (root / "branding").mkdir()
        (root / "branding/logo.svg").write_text(_LOGO, encoding="utf-8")
        settings = (root / "mkdocs.yml").read_text(encoding="utf-8").rstrip("\n")
        for look in ("standard", "plain", "english"):
            (root / "mkdocs.yml").write_text(settings + _SETTINGS.format(look=look), encoding="utf-8", newline="\n")
            run(root, "pdf", "QP-8.7-01")
            sheet(root / "dist/pdf/QP-8.7-01_A-4.pdf", folder / f"look-{look}.png", _DOTS)
