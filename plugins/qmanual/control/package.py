"""What a package says of itself: `package.json`, with every file of it by its SHA-256.

It is canonical: one package has one way to be written, so the digest of this one file stands for all of them, and
nothing can stand in it that a reader does not see. The same package gives the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

FORMAT = "qmanual-package@1"
NAME = "package.json"
REGISTER = "register.json"
PDFS = "pdf/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A file of a package: its path in it, its SHA-256, its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A release as the package tells of it: when it was set, and the paths of its manifest, of who might sign from
    then on, and of the statements that it was the first to hold. A path is empty where the release has none.
    """

    name: str
    time: datetime
    manifest: str = ""
    organization: str = ""
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package. `purpose`: what or whom it is for; `day`: of its edition; `since`: the release or day from which on it
    holds what changed, empty for all that is in force. `kinds`: name → title, by which rights to sign are given.
    """

    purpose: str
    company: str
    day: date
    tool: str
    draft: bool = False
    since: str = ""
    kinds: Mapping[str, str]
    releases: tuple[Issue, ...] = ()
    files: tuple[Packed, ...] = ()


def compose(package: Package) -> bytes:
    """The bytes of `package.json`; `read` is the inverse."""
    releases = [
        {"name": one.name, "time": one.time.isoformat(), "manifest": one.manifest, "organization": one.organization,
         "statements": list(one.statements)}
        for one in package.releases
    ]  # fmt: skip
    value = {
        "format": FORMAT, "for": package.purpose, "company": package.company, "day": package.day.isoformat(),
        "tool": package.tool, "draft": package.draft, "since": package.since, "kinds": dict(package.kinds),
        "releases": releases,
        "files": [{"path": one.path, "sha256": one.sha256, "size": one.size} for one in package.files],
    }  # fmt: skip
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8", "surrogatepass")


def read(data: bytes) -> Package | None:
    """The package that these bytes describe; None unless they are just what `compose` makes of it."""
    try:
        found: object = json.loads(data)
        package = _package(cast("dict[str, object]", found)) if isinstance(found, dict) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return package if package and compose(package) == data else None


def _package(found: Mapping[str, object]) -> Package:
    """Whatever is of another type than it should be comes out other than it went in, and `read` refuses it."""
    kinds = cast("dict[str, object]", found["kinds"])
    return Package(
        purpose=str(found["for"]), company=str(found["company"]), day=date.fromisoformat(str(found["day"])),
        tool=str(found["tool"]), draft=bool(found["draft"]), since=str(found["since"]),
        kinds={name: str(title) for name, title in kinds.items()},
        releases=tuple(_issue(one) for one in cast("list[dict[str, object]]", found["releases"])),
        files=tuple(
            Packed(path=str(one["path"]), sha256=str(one["sha256"]), size=int(str(one["size"])))
            for one in cast("list[dict[str, object]]", found["files"])
        ),
    )  # fmt: skip


def _issue(found: Mapping[str, object]) -> Issue:
    time = datetime.fromisoformat(str(found["time"]))
    if time.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return Issue(
        name=str(found["name"]), time=time, manifest=str(found["manifest"]), organization=str(found["organization"]),
        statements=tuple(map(str, cast("list[object]", found["statements"]))),
    )  # fmt: skip
