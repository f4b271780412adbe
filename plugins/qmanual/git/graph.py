"""Which commit comes after which: the commits of a repository with their parents and times, from one `git rev-list`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qmanual.git import Repository
from qmanual.git.process import text


@dataclass(frozen=True, slots=True)
class Graph:
    """Commit → its parents, children before parents; and commit → when it was committed, seconds since 1970."""

    parents: Mapping[str, tuple[str, ...]]
    seconds: Mapping[str, int]
    places: Mapping[str, int]

    def reached(self, tips: Iterable[str]) -> frozenset[str]:
        """The commits that these are or descend from."""
        seen: set[str] = set()
        pending = [tip for tip in tips if tip in self.parents]
        while pending:
            commit = pending.pop()
            if commit not in seen:
                seen.add(commit)
                pending += (parent for parent in self.parents[commit] if parent in self.parents)
        return frozenset(seen)

    def descends(self, later: str, earlier: str) -> bool:
        """Whether one commit is or descends from another. Only what lies between the two is looked at."""
        limit = self.places.get(earlier)
        if limit is None:
            return False
        seen: set[str] = set()
        pending = [later]
        while pending:
            commit = pending.pop()
            if commit == earlier:
                return True
            if commit not in seen and self.places.get(commit, limit) < limit:
                seen.add(commit)
                pending += self.parents[commit]
        return False

    def before(self, commit: str) -> int | None:
        """When the latest parent of a commit was committed; None for one without parents."""
        return max(
            (self.seconds[parent] for parent in self.parents.get(commit, ()) if parent in self.seconds), default=None
        )


def read_graph(repository: Repository, tips: Iterable[str]) -> Graph:
    """The commits that these tips are or descend from. Raises `Damaged`."""
    wanted = [tip for tip in dict.fromkeys(tips) if tip]
    if not wanted:
        return Graph({}, {}, {})
    asked = "".join(f"{tip}\n" for tip in wanted).encode()
    found = text(repository.read("rev-list", "--topo-order", "--parents", "--timestamp", "--stdin", stdin=asked))
    rows = list(_rows(found))
    return Graph(
        parents={commit: parents for _, commit, parents in rows},
        seconds={commit: seconds for seconds, commit, _ in rows},
        places={commit: at for at, (_, commit, _) in enumerate(rows)},
    )


def _rows(output: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for line in output.split("\n"):
        words = line.split(" ")
        if len(words) > 1:
            yield int(words[0]), words[1], tuple(words[2:])
