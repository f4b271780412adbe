"""Attacks on signed approvals and on releases: each is found by `check` or by `verify`, and the place is named."""

import json
import shutil
from pathlib import Path

import pytest
from disk import write
from keyring import SoftKey
from scenes import DAY, FOLDER, Cli, Scene, revised, scene_of, signed_and_released
from signed import FILES, ID, KEYS, PATH, ROUND, approvals, filed, organization, statement

from qmanual.control.manifest import compose, read_manifest
from qmanual.control.statement import SIGNATURE
from qmanual.model import Meaning
from qmanual.source import SourceFile

THIRD = f"{FOLDER}/3-approved-陈刚.yml"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manual with one release, made once: each test works on a copy."""
    return signed_and_released(tmp_path_factory.mktemp("signed") / "手册")


@pytest.fixture
def scene(built: Path, tmp_path: Path, cli: Cli) -> Scene:
    return scene_of(built, tmp_path / "手册", cli)


def remade(scene: Scene, statements: dict[str, bytes]) -> None:
    """Replace all statements."""
    shutil.rmtree(scene.root / "approvals")
    write(scene.root, statements)


# -- sound -----------------------------------------------------------------------------------------------------------


def test_sound_release(scene: Scene) -> None:
    assert scene.wrong() == []
    assert scene.codes() == set()
    for target in (ID, PATH, "2026-05", "release/2026-05", str(scene.root)):
        assert scene.verify(target).code == 0, target


def test_fresh_clone(scene: Scene, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    scene.repo.git("clone", "-q", str(scene.root), str(clone))
    assert scene.wrong(root=clone) == []


def test_verify_speaks_to_people(scene: Scene) -> None:
    done = scene.verify()
    assert done.out.startswith("✓ 整套手册：所声称的全部成立。")
    assert "签署人 李静, 王强, 陈刚" in done.out


def test_unknown_target(scene: Scene) -> None:
    done = scene.verify("2099-01")
    assert done.code == 2
    assert "2026-05" in done.err


def test_shallow_clone_proves_nothing(scene: Scene, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    scene.repo.git("clone", "-q", "--depth", "1", f"file://{scene.root}", str(clone))
    assert scene.verify(root=clone).code == 2


# -- statements ------------------------------------------------------------------------------------------------------


def test_statement_edited(scene: Scene) -> None:
    data = (scene.root / THIRD).read_bytes()
    write(scene.root, {THIRD: data.replace(b"T09:00", b"T10:00")})
    assert {"QM352", "QM354"} <= scene.codes()
    assert any(path == THIRD for path, _ in scene.wrong())


@pytest.mark.parametrize("committed", [False, True])
def test_statement_removed(scene: Scene, committed: bool) -> None:
    for path in (THIRD, THIRD + SIGNATURE):
        (scene.root / path).unlink()
    if committed:
        scene.commit({})
    assert "QM354" in scene.codes()
    assert any(path == THIRD for path, _ in scene.wrong())


def test_statement_removed_between_releases(scene: Scene) -> None:
    """Removed in one release, and put back in the next: the release in between does not hold it."""
    kept = {path: (scene.root / path).read_bytes() for path in (THIRD, THIRD + SIGNATURE)}
    for path in kept:
        (scene.root / path).unlink()
    scene.commit({"releases/2026-06.yml": "x"})
    scene.repo.release("2026-06", "2026-06-11")
    scene.commit(dict(kept))
    assert any(path == THIRD and "2026-06" in text for path, text in scene.wrong())


@pytest.mark.parametrize("target", ["approvals/QP-7.5-01/A-2", "approvals/QM-01/A-0"])
def test_statement_copied(scene: Scene, target: str) -> None:
    write(scene.root, {path.replace(FOLDER, target): data for path, data in approvals().items()})
    assert "QM355" in scene.codes()
    assert any(path.startswith(target) for path, _ in scene.wrong())


def test_statements_reordered(scene: Scene) -> None:
    order = [statement(*ROUND[0]), statement(*ROUND[2]), statement(*ROUND[1])]
    remade(scene, filed(order))
    assert "QM354" in scene.codes()
    assert scene.wrong()


def resigned(key: SoftKey, namespace: str = "qms-approval@v1") -> dict[str, bytes]:
    files = approvals()
    return {**files, THIRD + SIGNATURE: key.sign(files[THIRD], namespace)}


def test_unknown_key(scene: Scene) -> None:
    remade(scene, resigned(KEYS["外人"]))
    assert "QM353" in scene.codes()
    assert any(path == THIRD for path, _ in scene.wrong())


def test_wrong_namespace(scene: Scene) -> None:
    remade(scene, resigned(KEYS["陈刚"], "git"))
    assert "QM352" in scene.codes()
    assert any(path == THIRD for path, _ in scene.wrong())


def test_two_names_one_key(scene: Scene) -> None:
    """The preparer registers his key for the approver as well, and signs as both."""
    text = organization().replace(KEYS["陈刚"].line, KEYS["李静"].line)
    remade(scene, resigned(KEYS["李静"]))
    write(scene.root, {"manual/organization.yml": text})
    assert {"QM353", "QM357", "QM911"} <= scene.codes()
    assert scene.wrong()


@pytest.mark.parametrize("more", ["until: 2026-05-10", "since: 2026-05-16"])
def test_key_out_of_its_days(tmp_path: Path, cli: Cli, more: str) -> None:
    files = {**FILES, "manual/organization.yml": organization({"陈刚": more})}
    root = write(tmp_path / "m", {**files, **approvals()})
    found = json.loads(cli("check", "--format", "json", root=root, today=DAY).out)["findings"]
    assert [one["path"] for one in found if one["code"] == "QM353"] == [THIRD]


def test_revoked_key_signs_no_more(scene: Scene) -> None:
    """A lost key is revoked; who found it signs with an old date. No release held that signature before."""
    text = organization({"陈刚": "revoked: 2026-06-01, reason: 丢失"})
    scene.commit({"manual/organization.yml": text}, "2026-06-02")
    assert scene.codes() == set(), "what a release held before is not in doubt"
    assert scene.wrong() == []
    new = revised(scene, "2026-05-25")
    assert "QM353" in scene.codes()
    assert any(path in new for path, _ in scene.wrong())


def test_next_revision_is_sound(scene: Scene) -> None:
    revised(scene, "2026-06-10")
    assert scene.codes() == set()
    assert scene.wrong() == []
    scene.release("2026-06", "2026-06-12")
    assert scene.wrong() == []


def test_own_right_in_the_same_branch(scene: Scene) -> None:
    granted = organization().replace("may: [prepared, reviewed]}", "may: [prepared, reviewed, approved]}")
    new = revised(scene, "2026-06-10", "王强", {"manual/organization.yml": granted})
    assert "QM356" in scene.codes()
    assert any(path == new[-1] for path, _ in scene.wrong())


def test_own_key_in_the_same_branch(scene: Scene) -> None:
    own = organization().replace(KEYS["陈刚"].line, KEYS["外人"].line)
    new = revised(scene, "2026-06-10", manual={"manual/organization.yml": own})
    data = (scene.root / new[-1]).read_bytes()
    scene.commit({new[-1] + SIGNATURE: KEYS["外人"].sign(data)})
    assert "QM353" in scene.codes()
    assert any(path == new[-1] for path, _ in scene.wrong())


def test_new_key_counts_from_a_release(scene: Scene) -> None:
    """The people alone are released: then the new key counts."""
    own = organization().replace(KEYS["陈刚"].line, KEYS["外人"].line)
    scene.commit({"manual/organization.yml": own})
    scene.release("2026-06-people", "2026-06-10")
    new = revised(scene, "2026-06-11", manual={"manual/organization.yml": own})
    data = (scene.root / new[-1]).read_bytes()
    scene.commit({new[-1] + SIGNATURE: KEYS["外人"].sign(data)})
    assert scene.codes() == set()
    assert scene.wrong() == []


def test_level_lowered_in_the_same_branch(scene: Scene) -> None:
    """Who has nobody's signature takes the demand for one away in the same branch."""
    revised(scene, "2026-06-10")
    shutil.rmtree(scene.root / "approvals/QP-7.5-01/A-2")
    scene.commit({"mkdocs.yml": FILES["mkdocs.yml"].replace("procedure: 1", "procedure: 0")})
    done = scene.cli("check", "--for", "release", "--format", "json", root=scene.root, today=DAY)
    assert "QM358" in {one["code"] for one in json.loads(done.out)["findings"]}
    scene.commit({"releases/2026-06.yml": "x"})
    scene.repo.release("2026-06", "2026-06-12")
    assert any(path == "approvals/QP-7.5-01/A-2" for path, _ in scene.wrong())


def test_text_changed_after_it_was_signed(scene: Scene) -> None:
    write(scene.root, {PATH: FILES[PATH].replace("质量部负责", "质量部不负责")})
    assert "QM355" in scene.codes()
    assert any(path == PATH for path, _ in scene.wrong())


# -- releases --------------------------------------------------------------------------------------------------------


def test_manifest_edited(scene: Scene) -> None:
    path = "releases/2026-05.yml"
    text = (scene.root / path).read_text(encoding="utf-8")
    write(scene.root, {path: text.replace("revision: A/1", "revision: A/9")})
    assert any(one == path for one, _ in scene.wrong())
    scene.commit({})
    assert any(one == path for one, _ in scene.wrong())
    revised(scene, "2026-06-10")
    scene.commit({"releases/2026-06.yml": "x"})
    scene.repo.release("2026-06", "2026-06-12")
    assert any(one == path and "2026-05" in text for one, text in scene.wrong())


def test_manifest_that_lists_something_else(scene: Scene) -> None:
    """Somebody tags a commit whose manifest lists another digest than its text has."""
    manifest, _ = read_manifest(SourceFile("", (scene.root / "releases/2026-05.yml").read_text(encoding="utf-8")))
    assert manifest
    from dataclasses import replace

    from qmanual.control.manifest import Previous
    from qmanual.control.statement import sha256

    before = sha256((scene.root / "releases/2026-05.yml").read_bytes())
    rows = tuple(replace(row, digest="0" * 64) if row.id == ID else row for row in manifest.documents)
    forged = replace(manifest, release="2026-06", previous=Previous("2026-05", before), documents=rows)
    scene.commit({"releases/2026-06.yml": compose(forged)})
    scene.repo.release("2026-06", "2026-06-12")
    assert any(path == PATH for path, _ in scene.wrong())


def test_tag_moved(scene: Scene) -> None:
    scene.commit({PATH: FILES[PATH].replace("质量部负责", "质量部不负责")})
    scene.repo.git("tag", "-f", "-a", "-m", "x", "release/2026-05", day="2026-06-12")
    wrong = scene.wrong()
    assert any("2026-05" in text and "移动" in text for _, text in wrong)
    assert any(path == PATH for path, _ in wrong)


def test_tag_object_under_another_name(scene: Scene) -> None:
    scene.repo.git("update-ref", "refs/tags/release/2026-06", "refs/tags/release/2026-05")
    assert any("自称 release/2026-05" in text for _, text in scene.wrong())


def test_tag_deleted(scene: Scene) -> None:
    scene.repo.git("tag", "-d", "release/2026-05")
    assert any(path == "releases/2026-05.yml" for path, _ in scene.wrong())


def test_lightweight_tag(scene: Scene) -> None:
    commit = scene.repo.git("rev-parse", "release/2026-05^{commit}")
    scene.repo.git("tag", "-d", "release/2026-05")
    scene.repo.git("tag", "release/2026-05", commit)
    assert any("轻量标签" in text for _, text in scene.wrong())


def test_tag_on_another_history(scene: Scene) -> None:
    scene.repo.git("checkout", "-q", "--orphan", "other")
    scene.repo.git("commit", "-q", "-m", "x", day="2026-06-11")
    scene.repo.git("tag", "-a", "-m", "x", "release/2026-06", day="2026-06-12")
    scene.repo.git("checkout", "-q", "main")
    assert any("2026-06" in text and "主分支" in text for _, text in scene.wrong())


def test_history_written_anew(scene: Scene) -> None:
    """The branch is written anew beside the released commit: the release is no part of it any more."""
    scene.repo.git("checkout", "-q", "--orphan", "new")
    scene.repo.git("commit", "-q", "-m", "x", day="2026-06-11")
    scene.repo.git("branch", "-q", "-M", "new", "main")
    assert any("2026-05" in text and "主分支" in text for _, text in scene.wrong())


@pytest.mark.parametrize(("key", "good"), [("李静", True), ("外人", False)])
def test_signed_tag(scene: Scene, tmp_path: Path, key: str, good: bool) -> None:
    revised(scene, "2026-06-10")
    path = KEYS[key].write(tmp_path / "key")
    done = scene.cli("release", "2026-06", "--yes", "--as", "何雨桐", "--key", str(path), root=scene.root,
                     today="2026-06-12")  # fmt: skip
    assert done.code == 0, done.err
    signers = tmp_path / "signers"
    signers.write_text(f"somebody {KEYS[key].line}\n", encoding="utf-8")
    scene.repo.git("-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-tag",
                   "release/2026-06")  # fmt: skip
    wrong = scene.wrong()
    assert bool(wrong) is not good, wrong


def test_signed_tag_edited(scene: Scene, tmp_path: Path) -> None:
    revised(scene, "2026-06-10")
    path = KEYS["李静"].write(tmp_path / "key")
    done = scene.cli("release", "2026-06", "--yes", "--as", "何雨桐", "--key", str(path), root=scene.root,
                     today="2026-06-12")  # fmt: skip
    assert done.code == 0, done.err
    import subprocess

    tag = scene.repo.git("cat-file", "tag", "release/2026-06").replace("何雨桐", "陈刚") + "\n"
    made = subprocess.run(["git", "mktag"], cwd=scene.root, input=tag, capture_output=True, text=True, check=True)
    scene.repo.git("update-ref", "refs/tags/release/2026-06", made.stdout.strip())
    assert any("标签的签名不成立" in text for _, text in scene.wrong())


# -- without git -----------------------------------------------------------------------------------------------------


@pytest.fixture
def bare(scene: Scene) -> Scene:
    """A ZIP of the repository: no `.git`."""
    shutil.rmtree(scene.root / ".git")
    return scene


def test_without_git(bare: Scene) -> None:
    assert bare.wrong() == []
    assert "此处无法得知的事项" in bare.verify().out


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (PATH, "质量部负责", "质量部不负责"),
        (PATH, "date: 2026-05-15", "date: 2026-05-16"),
        ("forms/QR-7.5-01.md", "retention: 3 years", "retention: 1 years"),
        ("releases/2026-05.yml", "revision: A/1", "revision: A/0"),
        ("releases/2026-05.yml", "release: 2026-05", "release: 2026-04"),
        (THIRD, "陈刚", "王强"),
    ],
)
def test_without_git_a_change_is_found(bare: Scene, path: str, old: str, new: str) -> None:
    text = (bare.root / path).read_text(encoding="utf-8")
    assert old in text
    write(bare.root, {path: text.replace(old, new, 1)})
    assert bare.wrong()


def test_without_git_a_manifest_in_the_row(scene: Scene) -> None:
    revised(scene, "2026-06-10")
    scene.release("2026-06", "2026-06-12")
    shutil.rmtree(scene.root / ".git")
    assert scene.wrong() == []
    path = scene.root / "releases/2026-05.yml"
    path.write_bytes(path.read_bytes().replace(b"A/1", b"A/0"))
    assert any(one == "releases/2026-06.yml" for one, _ in scene.wrong())
    path.unlink()
    assert any(one == "releases/2026-06.yml" for one, _ in scene.wrong())


# -- prints ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prints of the release, with the list of what was issued."""
    from disk import start

    out = tmp_path_factory.mktemp("dist")
    done = start("--root", str(built), "--today", DAY, "--out", str(out))
    assert done.code == 0, done.out + done.err
    return out


def test_print_as_issued(scene: Scene, printed: Path) -> None:
    done = scene.verify(str(printed / "pdf" / "QP-7.5-01_A-1.pdf"))
    assert done.code == 0, done.out
    assert "QP-7.5-01 A/1" in done.out
    assert "现行有效" in done.out


def test_print_with_one_byte_changed(scene: Scene, printed: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    shutil.copytree(printed, dist)
    pdf = dist / "pdf" / "QP-7.5-01_A-1.pdf"
    data = pdf.read_bytes()
    pdf.write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    assert [path for path, _ in scene.wrong(str(pdf))] == [pdf.name]


def test_print_with_an_overlay(scene: Scene, printed: Path, tmp_path: Path) -> None:
    """Something is added at the end, as editors do; the file is given another name."""
    dist = tmp_path / "dist"
    shutil.copytree(printed, dist)
    data = (dist / "pdf" / "QP-7.5-01_A-1.pdf").read_bytes()
    pdf = dist / "pdf" / "copy.pdf"
    pdf.write_bytes(data + b"\n99 0 obj\n<< >>\nendobj\n")
    wrong = scene.wrong(str(pdf))
    assert wrong[0][0] == "copy.pdf"
    assert "QP-7.5-01 A/1" in scene.verify(str(pdf)).out, "what it calls itself is said"


def test_old_print_offered_as_current(scene: Scene, printed: Path) -> None:
    revised(scene, "2026-06-10")
    scene.release("2026-06", "2026-06-12")
    pdf = str(printed / "pdf" / "QP-7.5-01_A-1.pdf")
    assert scene.verify(pdf, today="2026-06-30").code == 0
    done = scene.verify(pdf, today="2026-07-01")
    assert done.code == 1
    assert "A/2" in done.out


def test_print_without_a_list(scene: Scene, printed: Path, tmp_path: Path) -> None:
    pdf = tmp_path / "alone" / "x" / "QP-7.5-01_A-1.pdf"
    pdf.parent.mkdir(parents=True)
    shutil.copy(printed / "pdf" / pdf.name, pdf)
    assert scene.verify(str(pdf)).code == 1


def test_file_that_is_no_print(scene: Scene, tmp_path: Path) -> None:
    pdf = tmp_path / "x.pdf"
    pdf.write_bytes(b"hello")
    assert scene.verify(str(pdf)).code == 1
    assert Meaning.APPROVED
