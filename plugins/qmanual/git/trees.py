"""The files of many commits, each folder read once however many commits hold it: git names equal folders alike."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qmanual.git import Repository

_FOLDER, _FILES = b"40000", (b"100644", b"100755", b"100664")


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    object: str
    folder: bool


def read_trees(
    repository: Repository, commits: Iterable[str], folders: tuple[str, ...]
) -> Mapping[str, Mapping[str, str]]:
    """Commit → (path → blob) of the regular files below `folders`, both from the manual's root.

    Symlinks and submodules are no files.
    """
    return {commit: merged(held) for commit, held in read_folders(repository, commits, folders).items()}


def merged(folders: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """The files of several folders as one mapping."""
    whole: dict[str, str] = {}
    for files in folders:
        whole.update(files)
    return whole


def read_folders(
    repository: Repository, commits: Iterable[str], folders: tuple[str, ...]
) -> Mapping[str, tuple[Mapping[str, str], ...]]:
    """The same folder by folder, in the order of their names, without those that lie in another one.

    Commits with the same folder share its mapping, those with all the same folders the tuple.
    """
    reader = _Reader(repository)
    wanted = tuple(sorted({folder for folder in folders if not any(folder.startswith(f"{one}/") for one in folders)}))
    commits = list(dict.fromkeys(commits))
    names = {commit: [f"{commit}:{repository.prefix}{folder}" for folder in wanted] for commit in commits}
    tops = reader.tops([name for each in names.values() for name in each])
    files: dict[tuple[str, str], Mapping[str, str]] = {}
    shared: dict[tuple[str, ...], tuple[Mapping[str, str], ...]] = {}
    found = {}
    for commit in commits:
        key = tuple(tops.get(name, "") for name in names[commit])
        for at in zip(wanted, key, strict=True):
            if at not in files:
                files[at] = dict(reader.files(at[1], f"{at[0]}/"))
        if key not in shared:
            shared[key] = tuple(files[at] for at in zip(wanted, key, strict=True))
        found[commit] = shared[key]
    return found


class _Reader:
    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.known: dict[str, tuple[_Item, ...]] = {}

    def tops(self, names: list[str]) -> dict[str, str]:
        """Name of a folder in a commit → its tree, for those that are folders; all that lies below is read as well."""
        asked = "\n".join(names).encode("utf-8", "surrogateescape") + b"\n"
        found = self.repository.run("cat-file", "--batch-check", stdin=asked) or b""
        tops = {}
        for name, line in zip(names, found.split(b"\n"), strict=False):
            words = line.rsplit(b" ", 2)
            if len(words) == 3 and words[1] == b"tree":
                tops[name] = words[0].decode()
        pending = set(tops.values())
        while pending:
            read = {name: tuple(_items(data, len(name) // 2)) for name, data in self.repository.blobs(pending)}
            self.known.update(read)
            below = {item.object for items in read.values() for item in items if item.folder}
            pending = below - self.known.keys()
        return tops

    def files(self, tree: str, folder: str) -> Iterator[tuple[str, str]]:
        """Path → blob of every file below a tree that was read."""
        for item in self.known.get(tree, ()):
            if item.folder:
                yield from self.files(item.object, f"{folder}{item.name}/")
            else:
                yield folder + item.name, item.object


def _items(data: bytes, size: int) -> Iterator[_Item]:
    """The entries of a tree object: `mode name NUL`, then the object's name in `size` bytes (20, or 32 for SHA-256)."""
    at = 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, _, name = data[at:end].partition(b" ")
        at = end + 1 + size
        if mode == _FOLDER or mode in _FILES:
            yield _Item(name.decode("utf-8", "surrogateescape"), data[end + 1 : at].hex(), mode == _FOLDER)
