"""The first state of the story: the sample as it would have been at its beginning, all of its dates moved back."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from qmanual.demo.story import Pair, Story
from qmanual.language import N_
from qmanual.workspace import CannotRun

FOLDERS = ("manual", "procedures", "instructions", "forms")
SETTINGS = "mkdocs.yml"
_DATE = re.compile(r"(?P<key>\b(?:date|effective): )(?P<day>\d{4}-\d{2}-\d{2})\b")


def first_files(sample: Path, story: Story) -> dict[str, bytes]:
    """Path → bytes of the first commit. Raises `CannotRun` when `sample` is not the sample that the story knows."""
    files = dict(_sample_files(sample))
    missing = sorted(story.paths - files.keys())
    if missing:
        text = N_(
            "{root} does not hold the sample manual that comes with the program: {path} is missing. Run this command "
            "where build.py is."
        )
        raise CannotRun(text, root=str(sample), path=missing[0])
    for path, data in files.items():
        if path.endswith(".md"):
            back = timedelta(weeks=story.weeks + story.earlier.get(path, 0))
            files[path] = _moved(data.decode("utf-8"), back).encode()
    return files | changed(files, story.before)


def changed(files: Mapping[str, bytes], pairs: tuple[Pair, ...]) -> dict[str, bytes]:
    """The files that these pairs change, as they are then. Raises `CannotRun` where a text does not stand once."""
    new: dict[str, bytes] = {}
    for pair in pairs:
        text = new.get(pair.path, files[pair.path]).decode("utf-8")
        if text.count(pair.old) != 1:
            raise CannotRun(
                N_("{path} is not the text of the sample manual any more; the demonstration looks for: {wanted}"),
                path=pair.path, wanted=pair.old.strip().split("\n")[0],
            )  # fmt: skip
        new[pair.path] = text.replace(pair.old, pair.new).encode()
    return new


def _sample_files(sample: Path) -> Iterator[tuple[str, bytes]]:
    places = [sample / SETTINGS, *(place for folder in FOLDERS for place in sorted((sample / folder).rglob("*")))]
    for place in places:
        if place.is_file() and not place.is_symlink():
            yield place.relative_to(sample).as_posix(), place.read_bytes().replace(b"\r\n", b"\n")


def _moved(text: str, back: timedelta) -> str:
    """The text with the dates of its header earlier; what its body says stays."""
    if not text.startswith("---\n"):
        return text
    header, mark, body = text.partition("\n---\n")

    def earlier(found: re.Match[str]) -> str:
        return found["key"] + (date.fromisoformat(found["day"]) - back).isoformat()

    return _DATE.sub(earlier, header) + mark + body
