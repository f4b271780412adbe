"""Places in a text where data is printed: lines such as `<!-- qmanual: 组织机构图 -->`.

An author writes the marker; what stands there is made from `organization.yml` and the register, so that a chart in the
manual can never disagree with the data that the rules check.
"""

from collections.abc import Mapping

MARKERS: Mapping[str, tuple[str, ...]] = {
    "organization-chart": ("组织机构图", "organization chart"),
    "responsibility-matrix": ("职能分配表", "responsibility matrix"),
    "process-map": ("过程关系图", "process map"),
    "list-of-procedures": ("程序文件清单", "list of procedures"),
    "clause-matrix": ("条款对照表", "clause matrix"),
    "list-of-forms": ("记录表单清单", "list of forms"),
}
"""Canonical name → its other spellings."""

SPELLINGS: Mapping[str, str] = {spelling: name for name, others in MARKERS.items() for spelling in (name, *others)}
"""Every spelling → canonical name."""


def canonical(name: str) -> str | None:
    """The canonical name of a marker as written; None when there is no such marker."""
    return SPELLINGS.get(" ".join(name.split()).lower())
