"""Do the signed statements hold: each by itself, all of a revision as a chain, and against who might sign at the time.

Everything is an argument: the files' bytes, the texts that exist, and who might sign, as the releases said it. Rights
come from the last release before a statement, so that nobody gives them to himself in the branch that needs them; that
a key is revoked counts from whenever it is known.
"""

from collections import defaultdict

from qmanual.control.judging.case import Case, Filed, Ground, Held, Problem, Rights, Verdict, last_round
from qmanual.control.judging.chain import about, chained, timely, twofold
from qmanual.control.judging.demand import Demand, demand
from qmanual.control.judging.file import NAME, lost, placed, signed, stray, unreadable
from qmanual.control.judging.person import entitled
from qmanual.control.statement import read_statement

__all__ = [
    "Case", "Demand", "Filed", "Ground", "Held", "Problem", "Rights", "Verdict", "demand", "judge", "last_round",
]  # fmt: skip


def judge(case: Case) -> Verdict:
    """All that is wrong with the statements of a manual."""
    problems: list[Problem] = [*lost(case)]
    folders: dict[str, list[Filed]] = defaultdict(list)
    for path in sorted(case.files):
        if not NAME.fullmatch(path):
            problems += stray(path, case)
            continue
        read = read_statement(path, case.files[path])
        problems += unreadable(read)
        if read.statement:
            filed = signed(path, read, read.statement, case, problems)
            folders[path.rpartition("/")[0]].append(filed)
    ordered = {folder: tuple(sorted(found, key=lambda one: one.number)) for folder, found in folders.items()}
    for found in ordered.values():
        for filed in found:
            problems += placed(filed)
            problems += entitled(filed, case)
            problems += timely(filed, case)
        problems += chained(found)
        problems += twofold(found)
        problems += about(last_round(found), case)
    return Verdict(folders=ordered, problems=tuple(problems), demands=case.demands)
