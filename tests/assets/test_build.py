"""The build: exact, hashed, quiet when nothing changed, and honest about size and licences."""

import gzip
import json
import re
from pathlib import Path

from portal.web.assets.build import HERE, build

GZ_LIMITS = {"portal.css": 12_000, "portal.js": 15_000, "words-en.js": 4_000}
EDIT_SCREEN_LIMIT = 130_000


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_a_second_build_finds_nothing_to_do(tmp_path: Path) -> None:
    assert build(plain=False, static=tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())

    assert not build(plain=False, static=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_a_lost_file_is_built_again_and_old_ones_go_away(tmp_path: Path) -> None:
    build(plain=False, static=tmp_path)
    built = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / built["portal.js"]).unlink()
    (tmp_path / "portal-OLD00000.js").write_text("old")

    assert build(plain=False, static=tmp_path)
    assert (tmp_path / built["portal.js"]).is_file()
    assert not (tmp_path / "portal-OLD00000.js").exists()


def test_file_names_carry_the_hash_of_their_content(tmp_path: Path) -> None:
    build(plain=False, static=tmp_path)
    built = json.loads((tmp_path / "manifest.json").read_text())

    assert set(built) == {"portal.css", "portal.js", "edit.js", "words-en.js"}
    assert all(re.fullmatch(r"[\w-]+-[A-Z0-9]{8}\.(css|js)", name) for name in built.values())


def test_the_edit_screen_loads_less_than_130_kb_and_other_pages_less_than_15(tmp_path: Path) -> None:
    build(plain=False, static=tmp_path)
    built = json.loads((tmp_path / "manifest.json").read_text())
    sizes = {name: packed(tmp_path / file) for name, file in built.items()}

    assert all(sizes[name] < limit for name, limit in GZ_LIMITS.items()), sizes
    assert sum(sizes[name] for name in ("portal.css", "portal.js", "edit.js")) < EDIT_SCREEN_LIMIT, sizes


def test_every_bundled_package_brings_its_licence(tmp_path: Path) -> None:
    build(plain=False, static=tmp_path)
    licences = (tmp_path / "licences.txt").read_text()
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]

    assert all(f"{name} {version} (MIT)" in licences for name, version in wanted.items())


def test_without_node_the_sheet_alone_is_there_and_needs_no_tokens(tmp_path: Path) -> None:
    assert build(plain=True, static=tmp_path)
    built = json.loads((tmp_path / "manifest.json").read_text())
    sheet = (tmp_path / built["portal.css"]).read_text()

    assert set(built) == {"portal.css"}
    assert "@import" not in sheet
    assert re.search(r"--brand: var\(--color-primitive-blue-900, #0017c1\)", sheet)


def test_the_lock_names_exact_versions_and_no_host() -> None:
    lock = (HERE / "package-lock.json").read_text()
    package = json.loads((HERE / "package.json").read_text())

    assert '"resolved"' not in lock
    assert "://" not in re.sub(r'"url": "https://[^"]+"', "", lock)  # funding pages of the authors
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())


def test_no_script_or_sheet_names_another_machine(tmp_path: Path) -> None:
    build(plain=False, static=tmp_path)
    for path in tmp_path.glob("portal-*"):
        assert not re.search(r"https?://|url\(|@font-face", path.read_text()), path.name


def test_every_sentence_of_the_scripts_has_its_english(tmp_path: Path) -> None:
    scripts = "".join(path.read_text() for path in (HERE / "js").glob("*.js") if path.name != "words-en.js")
    used = set(re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', scripts))
    english = dict(re.findall(r'^  "(.+?)": "(.+)",$', (HERE / "js" / "words-en.js").read_text(), re.MULTILINE))

    assert used == set(english)
    assert all(set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", english[said])) for said in used)
