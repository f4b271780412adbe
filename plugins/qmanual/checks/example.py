"""Examples as a person would type them, laid over a small sound manual.

An example is one or more files. The first line of each is its path; `procedures/QP-7.5-01.md` then shows only what
matters: header lines between `---` replace the same keys of the sound document (an empty value takes the key away),
text after the header is added to its body, and a text that begins with `# ` replaces the body. A path followed by
` (like …)` is a new document that differs from a sound one by what is shown. A path followed by ` =` is the whole file
as it stands; files that are no documents always are. Files are separated by a line of `====`.
"""

import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from qmanual.finding import Fault, FaultKind
from qmanual.register import Tree
from qmanual.source import SourceFile, Span

_KEY = re.compile(r"[^\s#:-][^:]*(?=:)")

SOUND: dict[str, str] = {
    "procedures/QP-7.5-01.md": """\
---
id: QP-7.5-01
title: 文件控制程序
revision: A/1
effective: 2026-06-01
owner: 质量部
departments: [生产部]
clauses: ["7.5"]
prepared: {by: 李静, date: 2026-05-11}
reviewed: {by: 王强, date: 2026-05-12}
approved: {by: 陈刚, date: 2026-05-15}
review_every: 12 months
changes:
  - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
  - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
---

# 文件控制程序

## 1 目的

使各岗位只用到现行有效的文件。

## 2 范围

公司质量管理体系的全部文件。

## 3 职责

质量部负责文件的编号、发放和回收。

## 4 工作程序

文件更改由归口部门提出，填写 QR-7.5-01。

## 5 相关文件

- [QM-01 质量手册](../manual/index.md)

## 6 相关记录

- [QR-7.5-01 文件更改申请单](../forms/QR-7.5-01.md)
""",
    "forms/QR-7.5-01.md": """\
---
id: QR-7.5-01
title: 文件更改申请单
revision: A/0
effective: 2026-06-01
owner: 质量部
clauses: ["7.5.3"]
prepared: {by: 李静, date: 2026-05-11}
reviewed: {by: 王强, date: 2026-05-12}
approved: {by: 陈刚, date: 2026-05-15}
retention: 3 years
changes:
  - {revision: A/0, date: 2026-05-11, by: 李静, summary: 首次发布}
---

# 文件更改申请单

| 文件编号* |  | 申请日期 | ____年__月__日 |
|---|---|---|---|
| 更改原因 |  | 处理意见 | ○同意 ○不同意 |
""",
    "manual/index.md": """\
---
id: QM-01
title: 质量手册
revision: A/0
effective: 2026-06-01
owner: 质量部
clauses: ["4", "5", "6", "7", "8", "9", "10"]
prepared: {by: 李静, date: 2026-05-11}
reviewed: {by: 王强, date: 2026-05-12}
approved: {by: 陈刚, date: 2026-05-15}
changes:
  - {revision: A/0, date: 2026-05-11, by: 李静, summary: 首次发布}
---

# 质量手册

## 1 范围

工业电源的设计、生产和销售。GB/T 19001-2016 8.5.3 不适用：公司不使用顾客的财产。
""",
    "manual/organization.yml": """\
company: {name: 样例公司}
departments:
  - {name: 质量部, head: 王强}
  - {name: 生产部, head: 陈刚}
people:
  - {name: 李静, department: 质量部, posts: [{role: 文控专员, from: 2024-01-01, may: [prepared]}]}
  - {name: 王强, department: 质量部, posts: [{role: 质量部经理, from: 2020-01-01, may: [prepared, reviewed]}]}
  - {name: 陈刚, department: 生产部, posts: [{role: 管理者代表, from: 2020-01-01, may: [prepared, reviewed, approved]}]}
processes:
  - {name: 文件管理, type: support, owner: 质量部}
exclusions:
  - {clause: 8.5.3, reason: 公司不使用顾客或外部供方的财产}
""",
    "manual/external-documents.yml": """\
documents:
  - {id: GB/T 19001-2016, title: 质量管理体系 要求, kind: standard, edition: "2016", status: in force}
""",
    "mkdocs.yml": """\
site_name: 样例公司质量手册
plugins:
  - qmanual
""",
}
"""A manual without a finding, by path, as of `TODAY`."""

TODAY = date(2026, 6, 15)


def tree_of(files: Mapping[str, str]) -> Tree:
    """The tree of these files, as the disk would give it.

    A path that ends with ` !binary` (or another kind of fault) stands for a file that could not be read because of it.
    """
    broken = [path.partition(" !") for path in files if " !" in path]
    whole = {path: text for path, text in files.items() if " !" not in path}
    paths = [*whole, *(path for path, _, _ in broken)]
    folders = {path.rsplit("/", depth)[0] for path in paths for depth in range(1, path.count("/") + 1)}
    pictures = {path: text for path, text in whole.items() if path.endswith((".svg", ".png", ".jpg"))}
    return Tree(
        paths=frozenset(paths) | folders,
        sources={path: SourceFile(path, text) for path, text in whole.items() if path not in pictures},
        approvals={path: text.encode() for path, text in whole.items() if path.startswith("approvals/")},
        manifests={
            path: text.encode()
            for path, text in whole.items()
            if path.startswith("releases/") and text.startswith("release:")
        },
        images={path: sha256(text.encode()).hexdigest() for path, text in pictures.items()},
        svgs={path: SourceFile(path, text) for path, text in pictures.items() if path.endswith(".svg")},
        brand={path: text.encode() for path, text in whole.items() if path.startswith("branding/")},
        faults=tuple(Fault(FaultKind(kind), Span(path)) for path, _, kind in broken),
    )


def lay_over(example: str, sound: Mapping[str, str] = SOUND) -> dict[str, str]:
    """The files of the sound manual with an example's files laid over them."""
    files = dict(sound)
    for part in re.split(r"^====\n", example.strip("\n") + "\n", flags=re.MULTILINE):
        first, _, text = part.partition("\n")
        path, _, model = first.strip().removesuffix(")").partition(" (like ")
        base = sound.get(model or path, "") if path.endswith(".md") else ""
        files[path.removesuffix(" =")] = _merge(base, text) if base else text
    return files


def _merge(sound: str, shown: str) -> str:
    header, body = _split(sound)
    new_header, new_body = _split(shown)
    keys = _entries(header) | _entries(new_header)
    kept = [text for key, text in keys.items() if text.strip() != f"{key}:"]
    if new_body.startswith("# "):
        body = new_body
    elif new_body.strip():
        body = f"{body.rstrip()}\n\n{new_body}"
    return "---\n" + "\n".join(kept) + "\n---\n\n" + body.lstrip("\n")


def _split(text: str) -> tuple[str, str]:
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    return (match[1], text[match.end() :].lstrip("\n")) if match else ("", text.lstrip("\n"))


def _entries(header: str) -> dict[str, str]:
    """Top-level key → its lines, in order."""
    found: dict[str, str] = {}
    key = ""
    for line in header.split("\n"):
        begins = _KEY.match(line)
        if begins:
            key = begins[0]
            found[key] = line
        elif key:
            found[key] += "\n" + line
    return found
