"""The log made whole: beside what every commit did, when the commits before it were made."""

from collections.abc import Iterable
from dataclasses import replace

from qmanual.control.log import Commit, Step
from qmanual.git import Repository, moment
from qmanual.git.graph import Graph, read_graph


def completed(steps: Iterable[Step], repository: Repository, head: str) -> tuple[Step, ...]:
    """Steps whose commits know when the latest of those before them was made. Raises `git.Damaged`."""
    graph = read_graph(repository, (head,))
    whole: dict[str, Commit] = {}
    found = []
    for step in steps:
        commit = whole.get(step.commit.name)
        if commit is None:
            commit = whole[step.commit.name] = _with_before(step.commit, graph)
        found.append(Step(commit, step.status, step.path, step.blob, step.was))
    return tuple(found)


def _with_before(commit: Commit, graph: Graph) -> Commit:
    seconds = graph.before(commit.name)
    return commit if seconds is None else replace(commit, before=moment(f"{seconds} +0000"))
