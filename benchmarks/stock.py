"""The same documents as a plain MkDocs project with stock Material, its search with jieba, or mkdocs-to-pdf."""

import shutil
from pathlib import Path

_SITE = """site_name: corpus
docs_dir: docs
theme:
  name: material
  language: zh
  font: false
plugins:
{plugins}
markdown_extensions: [tables, footnotes, attr_list, def_list, admonition, toc]
"""
_SEARCH = "  - search:\n      lang: zh\n"


def project(manual: Path, place: Path, plugins: str = _SEARCH) -> Path:
    """A MkDocs project in `place` with the documents of `manual`; its folder."""
    if not (place / "mkdocs.yml").exists():
        for folder in ("manual", "procedures", "instructions", "forms"):
            if (manual / folder).is_dir():
                shutil.copytree(manual / folder, place / "docs" / folder)
        (place / "docs" / "index.md").write_text("# corpus\n", encoding="utf-8")
        (place / "mkdocs.yml").write_text(_SITE.format(plugins=plugins), encoding="utf-8")
    return place
