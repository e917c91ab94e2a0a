"""Install the Debian packages the tests need, or say exactly which are missing.

Run by `make test`. The tests themselves ask `tests/support/packages.py`, which reads the same table,
so that a missing program is always a failure that names its command and never a silent skip.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

# Debian package -> what shows that it (or the same thing from elsewhere) is here: a command or a file pattern from the root.
PROOF = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "fonts-noto-cjk": ("/usr/share/fonts/**/NotoSansCJK-Regular.ttc", "/usr/share/fonts/**/NotoSansCJKjp-Regular.otf"),
    # Playwright's own Node.js is linked against it, and a bare Debian does not have it.
    "libatomic1": ("/usr/lib/*/libatomic.so.1", "/usr/lib64/libatomic.so.1"),
    "libreoffice-calc-nogui": ("/usr/lib*/libreoffice/program/libsclo.so", "/opt/libreoffice*/program/libsclo.so"),
    "libreoffice-writer-nogui": ("/usr/lib*/libreoffice/program/libswlo.so", "/opt/libreoffice*/program/libswlo.so"),
    "poppler-utils": ("pdftoppm",),
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb"),
    "wrk": ("wrk",),
}
ATTEMPTS = 3


def is_present(package: str) -> bool:
    """Say whether what the package brings is already on this machine."""
    return any(
        any(Path("/").glob(proof.lstrip("/"))) if proof.startswith("/") else shutil.which(proof) is not None
        for proof in PROOF[package]
    )


def missing_packages() -> list[str]:
    """List the Debian packages whose programs are not here."""
    return [package for package in PROOF if not is_present(package)]


def install_command(packages: list[str]) -> str:
    """Return the command a person can copy."""
    return "apt-get update && apt-get install -y --no-install-recommends " + " ".join(packages)


def _apt_get(*arguments: str) -> bool:
    """Run apt-get, again after a pause when it fails: mirrors and locks have bad moments."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3", "-qq", *arguments]
    for attempt in range(1, ATTEMPTS + 1):
        # A thousand lines of unpacking help nobody; what goes wrong is said on standard error.
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if done.returncode == 0:
            return True
        print(f"apt-get {arguments[0]} に失敗しました（{attempt}/{ATTEMPTS} 回目）。", flush=True)
        time.sleep(5 * attempt)
    return False


def main() -> int:
    """Install what is missing; return 0 when everything is here afterwards."""
    missing = missing_packages()
    if not missing:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("試験に必要なパッケージを入れています: " + " ".join(missing), flush=True)
        _apt_get("update")
        _apt_get("install", "-y", "--no-install-recommends", *missing)
        missing = missing_packages()
    if missing:
        print("試験に必要なパッケージがありません。管理者として次を実行してください:", file=sys.stderr)
        print("  " + install_command(missing), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
