"""Write a synthetic quality system of N documents with git history: the same bytes for the same seed.

usage: corpus.py DEST --documents 300 --revisions 3 --seed 1
"""

import argparse
import datetime as dt
import random
import subprocess
from pathlib import Path

CLAUSES = [
    "4.1",
    "4.2",
    "4.3",
    "4.4",
    "5.1",
    "5.2",
    "5.3",
    "6.1",
    "6.2",
    "6.3",
    "7.1",
    "7.2",
    "7.3",
    "7.4",
    "7.5",
    "8.1",
    "8.2",
    "8.3",
    "8.4",
    "8.5",
    "8.6",
    "8.7",
    "9.1",
    "9.2",
    "9.3",
    "10.1",
    "10.2",
    "10.3",
]
DEPARTMENTS = ["质量部", "生产部", "采购部", "研发部", "销售部", "人力资源部", "设备部", "仓储部"]
PEOPLE = ["李静", "王强", "陈刚", "赵敏", "孙丽", "周涛", "吴昊", "郑洁"]
SUBJECTS = [
    "文件控制",
    "记录控制",
    "内部审核",
    "管理评审",
    "不合格品控制",
    "纠正措施",
    "采购控制",
    "供方评价",
    "设备管理",
    "监视测量资源",
    "培训管理",
    "设计开发",
    "顾客满意",
    "生产过程",
    "标识与追溯",
    "仓储防护",
    "风险与机遇",
    "变更管理",
    "合同评审",
    "进料检验",
]
WORDS = [
    "组织",
    "应当",
    "确定",
    "过程",
    "输入",
    "输出",
    "资源",
    "职责",
    "权限",
    "风险",
    "机遇",
    "监视",
    "测量",
    "分析",
    "评价",
    "改进",
    "记录",
    "保存",
    "审核",
    "批准",
    "发放",
    "回收",
    "作废",
    "标识",
    "检索",
    "防护",
    "顾客",
    "要求",
    "产品",
    "服务",
    "供方",
    "外部",
    "提供",
    "控制",
    "验证",
    "确认",
    "放行",
    "交付",
    "处置",
    "隔离",
    "返工",
    "让步",
    "接收",
    "纠正",
    "措施",
    "原因",
    "分析",
    "有效性",
    "评审",
    "目标",
    "方针",
    "培训",
    "能力",
    "意识",
    "沟通",
    "设备",
    "校准",
    "环境",
    "知识",
    "采购",
    "检验",
    "生产",
    "计划",
    "变更",
    "追溯",
]
SECTIONS = ["目的", "范围", "职责", "工作程序", "相关文件", "相关记录"]


def sentence(r: random.Random, length: int) -> str:
    """So many words without sense."""
    return "".join(r.choice(WORDS) for _ in range(length)) + "。"


def kind_of(at: int, total: int) -> tuple[str, str]:
    """The folder and the number of a document."""
    if at < max(1, total // 20):
        return "manual", f"QM-{at + 1:04d}"
    if at < total // 2:
        return "procedures", f"QP-{at + 1:04d}"
    return "forms", f"QR-{at + 1:04d}"


def document(at: int, total: int, revision: int, seed: int) -> tuple[str, str]:
    """The path and the text of a document in one of its revisions."""
    r = random.Random(f"{seed}/{at}")
    folder, number = kind_of(at, total)
    title = f"{r.choice(SUBJECTS)}{at + 1}" + {"manual": "章节", "procedures": "程序", "forms": "记录表"}[folder]
    head = header(r, folder, number, title, revision)
    body: list[str] = []
    for place, name in enumerate(SECTIONS if folder != "forms" else ["填写说明", "记录"], 1):
        body.append(f"## {place} {name}\n")
        body += section(r, at, total, folder, name, place, revision)
    return f"{folder}/{number}.md", head + "\n".join(body)


def header(r: random.Random, folder: str, number: str, title: str, revision: int) -> str:
    """The YAML header and the title."""
    first = dt.date(2024, 1, 8) + dt.timedelta(days=r.randrange(200))
    people = r.sample(PEOPLE, 3)
    dates = [first + dt.timedelta(days=150 * k) for k in range(revision + 1)]
    day = dates[revision]
    changes = "\n".join(
        f'  - {{revision: "A/{k}", date: {dates[k]}, by: {people[0]}, '
        f"summary: {'首次发布' if k == 0 else f'第{k}次修订'}}}"
        for k in range(revision, -1, -1)
    )
    lines = [
        "---",
        f"id: {number}",
        f"title: {title}",
        f'revision: "A/{revision}"',
        f"effective: {day + dt.timedelta(days=20)}",
        f"owner: {r.choice(DEPARTMENTS)}",
        f"departments: [{', '.join(r.sample(DEPARTMENTS, 3))}]",
        "clauses: [" + ", ".join(f'"{clause}"' for clause in sorted(r.sample(CLAUSES, 2))) + "]",
        f"prepared: {{by: {people[0]}, date: {day}}}",
        f"reviewed: {{by: {people[1]}, date: {day + dt.timedelta(days=3)}}}",
        f"approved: {{by: {people[2]}, date: {day + dt.timedelta(days=6)}}}",
        "review_every: 12 months",
        *(["retention: 3 years"] if folder == "forms" else []),
        "changes:",
        changes,
        "---",
        "",
        f"# {title}",
        "",
        "",
    ]
    return "\n".join(lines)


def section(r: random.Random, at: int, total: int, folder: str, name: str, place: int, revision: int) -> list[str]:
    """The lines of a section."""
    if name == "相关文件":
        others = [kind_of(r.randrange(0, max(1, total // 2)), total) for _ in range(3)]
        return [*(f"- [{number}](../{other}/{number}.md)" for other, number in others), ""]
    if name == "相关记录":
        # every form is the record of one procedure, so that none is an orphan
        half, step = total // 2, max(1, total // 2 - max(1, total // 20))
        forms = [j for j in range(half + at - max(1, total // 20), total, step) if half <= j] if half else []
        return [*(f"- [QR-{j + 1:04d}](../forms/QR-{j + 1:04d}.md)" for j in forms), ""]
    if folder == "forms" and name == "记录":
        rows = [f"| {k} | {sentence(r, 3)} |  |  |  |" for k in range(1, 16)]
        return ["| 序号 | 项目 | 结果 | 责任人 | 日期 |\n|---|---|---|---|---|", *rows, ""]
    return prose(r, name, place, revision)


def prose(r: random.Random, name: str, place: int, revision: int) -> list[str]:
    """Paragraphs; in the steps of a procedure with headings and a table."""
    steps, lines = name == "工作程序", []
    for paragraph in range(4 if steps else 2):
        if steps:
            lines.append(f"### {place}.{paragraph + 1} {''.join(r.choice(WORDS) for _ in range(3))}\n")
        lines.append(sentence(r, 70) + (f"(第 {revision} 次修订)" if paragraph == 0 else "") + "\n")
        if steps and paragraph == 1:
            lines.append("| 步骤 | 责任部门 | 输入 | 输出 | 记录 |\n|---|---|---|---|---|")
            lines += [
                f"| {k} | {r.choice(DEPARTMENTS)} | {sentence(r, 3)} | {sentence(r, 3)} | {sentence(r, 2)} |"
                for k in range(1, 9)
            ]
            lines.append("")
    return lines


def history(total: int, revisions: int, seed: int) -> bytes:
    """The stream for `git fast-import`: a commit a document and revision, a release tag after each round."""
    stream, when = [], 1704672000
    for revision in range(revisions):
        for at in range(total):
            path, text = document(at, total, revision, seed)
            when += 60
            stream.append(
                b"commit refs/heads/main\ncommitter Li Jing <li.jing@example.com> %d +0800\n" % when
                + data(f"{path} A/{revision}".encode())
                + b"M 100644 inline %s\n" % path.encode()
                + data(text.encode())
            )
        stream.append(
            b"tag release/%d\nfrom refs/heads/main\ntagger Li Jing <li.jing@example.com> %d +0800\n"
            % (2024 + revision, when)
            + data(b"release")
        )
        when += 86400 * 150
    return b"".join(stream)


def data(content: bytes) -> bytes:
    """A data block of the stream."""
    return b"data %d\n%s\n" % (len(content), content)


def main() -> None:
    """Write the repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dest", type=Path)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--revisions", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    said.dest.mkdir(parents=True, exist_ok=True)
    git = ["git", "-C", str(said.dest)]
    subprocess.run(["git", "init", "-q", "-b", "main", str(said.dest)], check=True)
    stream = history(said.documents, said.revisions, said.seed)
    subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)
    subprocess.run([*git, "reset", "-q", "--hard", "main"], check=True)


if __name__ == "__main__":
    main()
