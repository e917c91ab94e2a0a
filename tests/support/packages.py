"""Programs the tests need from the machine: found, or the test fails with the command that installs them."""

import shutil
from pathlib import Path

import pytest

from tools.install_test_packages import PROOF, install_command, is_present


def require_package(package: str) -> None:
    """Fail, naming the install command, unless the Debian package (or its equal) is on this machine."""
    if not is_present(package):
        pytest.fail(f"{package} がありません。次を実行してください: {install_command([package])}", pytrace=False)


def require_program(package: str, *names: str) -> Path:
    """Return the first of these programs on PATH, or fail with the command that installs the package."""
    for name in names or PROOF[package]:
        if found := shutil.which(name):
            return Path(found)
    pytest.fail(f"{package} がありません。次を実行してください: {install_command([package])}", pytrace=False)
