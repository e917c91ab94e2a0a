"""Two validators for Word files: the Open XML SDK's own, brought by npm, and openxml-audit, a port of it that sees other things.

Both judge the format, not what Word makes of it; portal.word.linting knows what neither sees. Development only: files other
programs wrote get dozens of "errors" from either.
"""

import fcntl
import json
import platform
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from openxml_audit import OpenXmlValidator

from portal.web.assets.build import _node_environment, _npm

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "node_modules" / "@xarsh" / "ooxml-validator-linux-x64" / "ooxml-validator"
MISTAKEN = (
    # Our forms name their fonts and carry no theme (portal.word.base); the format asks for none.
    "officeDocument/2006/relationships/theme' is missing",
    # List 0 is no list: it takes a further paragraph of an item out of the numbering (ECMA-376, 17.9.18).
    "Numbering definition '0' referenced but not found",
)
"""What openxml-audit says against the format itself; the SDK's own validator says neither."""


def faults(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Return what either validator has to say about these files, with the name of the file in front."""
    program = _program()
    paths = {name: folder / f"{number}.docx" for number, name in enumerate(files)}
    for name, path in paths.items():
        path.write_bytes(files[name])
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda path: _by_sdk(program, path), paths.values())
        told = [f"{name}: {fault}" for name, found in zip(paths, answers, strict=True) for fault in found]
    audit = OpenXmlValidator()
    for name, path in paths.items():
        found = [str(fault) for fault in audit.validate(path).errors]
        told += [f"{name}: {fault}" for fault in found if not any(known in fault for known in MISTAKEN)]
    return told


def _by_sdk(program: Path, path: Path) -> list[str]:
    done = subprocess.run([str(program), str(path)], capture_output=True, text=True, timeout=60)
    answer = json.loads(done.stdout)
    assert answer["ok"] == (not answer["errors"])
    return [f"{one['description']} {one['path']} {one['xPath']}" for one in answer["errors"]]


def _program() -> Path:
    """Return the SDK's validator; npm brings exactly what package-lock.json names, once."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.fail(
            "Open XML SDK の検査プログラムは Linux（x86_64）用です。その環境で実行してください。", pytrace=False
        )
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may begin at once
        stamp, wanted = HERE / "node_modules" / "stamp", lock.read()
        if not (stamp.is_file() and stamp.read_text() == wanted and PROGRAM.is_file()):
            _install()
            stamp.write_text(wanted)
    return PROGRAM


def _install() -> None:
    environment = _node_environment()
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    shutil.rmtree(HERE / "node_modules", ignore_errors=True)
    command = [*_npm(environment), "ci", *quiet]
    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(
            f"検査プログラムを取得できません。ネットワークにつながる状態で {HERE.name}/ で npm ci を実行してください。\n"
            f"{done.stdout}{done.stderr}",
            pytrace=False,
        )
