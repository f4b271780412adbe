"""Write a synthetic quality system of N documents with git history: the same bytes for the same seed.

usage: corpus.py DEST --documents 300 --revisions 3 --seed 1
"""

from __future__ import annotations
import argparse, datetime as dt, random, subprocess
from pathlib import Path

CLAUSES = "4.1 4.2 4.3 4.4 5.1 5.2 5.3 6.1 6.2 6.3 7.1 7.2 7.3 7.4 7.5 8.1 8.2 8.3 8.4 8.5 8.6 8.7 9.1 9.2 9.3 10.1 10.2 10.3".split()
DEPARTMENTS = ["质量部", "生产部", "采购部", "研发部", "销售部", "人力资源部", "设备部", "仓储部"]
PEOPLE = ["李静", "王强", "陈刚", "赵敏", "孙丽", "周涛", "吴昊", "郑洁"]
SUBJECTS = ["文件控制", "记录控制", "内部审核", "管理评审", "不合格品控制", "纠正措施", "采购控制", "供方评价", "设备管理", "监视测量资源", "培训管理", "设计开发", "顾客满意", "生产过程", "标识与追溯", "仓储防护", "风险与机遇", "变更管理", "合同评审", "进料检验"]
WORDS = "组织 应当 确定 过程 输入 输出 资源 职责 权限 风险 机遇 监视 测量 分析 评价 改进 记录 保存 审核 批准 发放 回收 作废 标识 检索 防护 顾客 要求 产品 服务 供方 外部 提供 控制 验证 确认 放行 交付 处置 隔离 返工 让步 接收 纠正 措施 原因 分析 有效性 评审 目标 方针 培训 能力 意识 沟通 设备 校准 环境 知识 采购 检验 生产 计划 变更 追溯".split()
SECTIONS = ["目的", "范围", "职责", "工作程序", "相关文件", "相关记录"]


def sentence(r: random.Random, n: int) -> str:
    return "".join(r.choice(WORDS) for _ in range(n)) + "。"


def kind_of(i: int, n: int) -> tuple[str, str]:
    if i < max(1, n // 20):
        return "manual", f"QM-{i + 1:04d}"
    if i < n // 2:
        return "procedures", f"QP-{i + 1:04d}"
    return "forms", f"QR-{i + 1:04d}"


def document(i: int, n: int, rev: int, seed: int) -> tuple[str, str]:
    r = random.Random(f"{seed}/{i}")
    folder, ident = kind_of(i, n)
    subject = f"{r.choice(SUBJECTS)}{i + 1}"
    title = subject + {"manual": "章节", "procedures": "程序", "forms": "记录表"}[folder]
    first = dt.date(2024, 1, 8) + dt.timedelta(days=r.randrange(200))
    people = r.sample(PEOPLE, 3)
    dates = [first + dt.timedelta(days=150 * k) for k in range(rev + 1)]
    day = dates[rev]
    changes = "\n".join(
        f'  - {{revision: "A/{k}", date: {dates[k]}, by: {people[0]}, summary: {"首次发布" if k == 0 else "第%d次修订" % k}}}'
        for k in range(rev, -1, -1))
    head = f"""---
id: {ident}
title: {title}
revision: "A/{rev}"
effective: {day + dt.timedelta(days=20)}
owner: {r.choice(DEPARTMENTS)}
departments: [{", ".join(r.sample(DEPARTMENTS, 3))}]
clauses: [{", ".join('"%s"' % c for c in sorted(r.sample(CLAUSES, 2)))}]
prepared: {{by: {people[0]}, date: {day}}}
reviewed: {{by: {people[1]}, date: {day + dt.timedelta(days=3)}}}
approved: {{by: {people[2]}, date: {day + dt.timedelta(days=6)}}}
review_every: 12 months
{"retention: 3 years" + chr(10) if folder == "forms" else ""}changes:
{changes}
---

# {title}

"""
    out = []
    sections = SECTIONS if folder != "forms" else ["填写说明", "记录"]
    for s, name in enumerate(sections, 1):
        out.append(f"## {s} {name}\n")
        if name == "相关文件":
            lo, hi = 0, max(1, n // 2)
            for _ in range(3):
                j = r.randrange(lo, hi)
                f2, id2 = kind_of(j, n)
                out.append(f"- [{id2}](../{f2}/{id2}.md)")
            out.append("")
        elif name == "相关记录":
            # every form is the record of one procedure, so that none is an orphan
            half = n // 2
            if half:
                for j in range(half + i - max(1, n // 20), n, max(1, half - max(1, n // 20))):
                    if half <= j < n:
                        out.append(f"- [QR-{j + 1:04d}](../forms/QR-{j + 1:04d}.md)")
            out.append("")
        elif folder == "forms" and name == "记录":
            out.append("| 序号 | 项目 | 结果 | 责任人 | 日期 |\n|---|---|---|---|---|")
            out += [f"| {k} | {sentence(r, 3)} |  |  |  |" for k in range(1, 16)]
            out.append("")
        else:
            for p in range(4 if name == "工作程序" else 2):
                if name == "工作程序":
                    out.append(f"### {s}.{p + 1} {''.join(r.choice(WORDS) for _ in range(3))}\n")
                out.append(sentence(r, 70) + (f"(第 {rev} 次修订)" if p == 0 else "") + "\n")
                if name == "工作程序" and p == 1:
                    out.append("| 步骤 | 责任部门 | 输入 | 输出 | 记录 |\n|---|---|---|---|---|")
                    out += [f"| {k} | {r.choice(DEPARTMENTS)} | {sentence(r, 3)} | {sentence(r, 3)} | {sentence(r, 2)} |" for k in range(1, 9)]
                    out.append("")
    return f"{folder}/{ident}.md", head + "\n".join(out)


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("dest", type=Path)
    a.add_argument("--documents", type=int, default=300)
    a.add_argument("--revisions", type=int, default=3)
    a.add_argument("--seed", type=int, default=1)
    o = a.parse_args()
    o.dest.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(o.dest)], check=True)
    stream, when = [], 1704672000

    def data(b: bytes) -> bytes:
        return b"data %d\n%s\n" % (len(b), b)

    for rev in range(o.revisions):
        for i in range(o.documents):
            path, text = document(i, o.documents, rev, o.seed)
            when += 60
            stream.append(b"commit refs/heads/main\ncommitter Li Jing <li.jing@example.com> %d +0800\n" % when
                          + data(f"{path} A/{rev}".encode()) + b"M 100644 inline %s\n" % path.encode() + data(text.encode()))
        stream.append(b"tag release/%d\nfrom refs/heads/main\ntagger Li Jing <li.jing@example.com> %d +0800\n" % (2024 + rev, when)
                      + data(b"release"))
        when += 86400 * 150
    subprocess.run(["git", "-C", str(o.dest), "fast-import", "--quiet"], input=b"".join(stream), check=True)
    subprocess.run(["git", "-C", str(o.dest), "reset", "-q", "--hard", "main"], check=True)


if __name__ == "__main__":
    main()
