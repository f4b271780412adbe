"""The lists that releases hold of their documents, read out of git."""

from collections.abc import Iterable, Iterator, Sequence

from qmanual.control.history import Facts
from qmanual.control.issued import Issued, compared
from qmanual.control.manifest import path_of
from qmanual.git import Repository, Tag
from qmanual.workspace import decode


def read_issued(repository: Repository, held: Iterable[tuple[Tag, Sequence[Facts]]]) -> Iterator[tuple[Tag, Issued]]:
    """The list of every release, held against the facts of its texts. Raises `git.Damaged`."""
    pairs = list(held)
    objects = dict(_objects(repository, [tag for tag, _ in pairs]))
    data = dict(repository.blobs(objects.values()))
    for tag, facts in pairs:
        blob = objects.get(tag, "")
        source = decode(path_of(tag.name), data[blob]) if blob in data else None
        yield tag, compared(blob, source, facts) if blob in data else Issued()


def _objects(repository: Repository, tags: Sequence[Tag]) -> Iterator[tuple[Tag, str]]:
    """The blob of every release's list, for those that hold one."""
    names = [f"{tag.commit}:{repository.prefix}{path_of(tag.name)}" for tag in tags]
    asked = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    found = repository.read("cat-file", "--batch-check", stdin=asked) if names else b""
    for tag, line in zip(tags, found.split(b"\n"), strict=False):
        words = line.rsplit(b" ", 2)
        if len(words) == 3 and words[1] == b"blob":
            yield tag, words[0].decode()
