"""Which branch is the main one, on which releases are made: git itself does not say, the names that are there do."""

from collections.abc import Iterable

LOCAL, SERVER = "refs/heads/", "refs/remotes/origin/"
USUAL = ("main", "trunk", "master")
"""What a main branch is called; where several are there, the later ones are what was left when it was renamed."""
PLACES = (f"{SERVER}HEAD", *(f"{place}{name}" for name in USUAL for place in (SERVER, LOCAL)))
"""What may hold the main branch. A clone of CI has only those of the server, a new repository only its own."""


def main_names(heads: Iterable[tuple[str, str, bool]]) -> tuple[str, ...]:
    """What the main branch is called: what the server calls it, else the usual name that is checked out, else the
    first usual name that is there. Other branches of usual names do not count: they were left over, or made up.

    A server may call a branch so that has no usual name, as a clone of somebody's own folder does; then both count.
    `heads`: a reference of `PLACES`, what it stands for when it is symbolic, whether it is checked out.
    """
    refs = {name: (target, out) for name, target, out in heads}
    target = refs.get(f"{SERVER}HEAD", ("", False))[0]
    server = target.removeprefix(SERVER) if target.startswith(SERVER) else ""
    if server in USUAL:
        return (server,)
    there = [name for name in USUAL if f"{LOCAL}{name}" in refs or f"{SERVER}{name}" in refs]
    here = [name for name in there if refs.get(f"{LOCAL}{name}", ("", False))[1]]
    return tuple(name for name in (server, *(here or there)[:1]) if name)
