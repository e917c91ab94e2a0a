"""The built look and scripts of the screens: which file stands for which name. `build.py` makes them."""

import json
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"

# The only names the scripts register with Trusted Types; the header's `trusted-types` lists exactly these.
TRUSTED_TYPES_POLICIES = ("portal-fragment", "portal-paste", "ProseMirrorClipboard")


class AssetsMissing(Exception):
    """The assets have not been built yet; the message says how to build them."""


@lru_cache(maxsize=1)
def manifest() -> dict[str, str]:
    """Return {logical name: hashed file name in `STATIC`}; without script (PORTAL_ASSETS=none) only the sheet is there."""
    try:
        found: dict[str, str] = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AssetsMissing(
            "画面の部品がまだ作られていません。「python -m portal.web.assets.build」を実行してください。"
        ) from None
    return found


def find_asset(name: str) -> str | None:
    """Return the hashed file name for `portal.css`, `portal.js`, `edit.js`, `words-en.js`; None when it was not built."""
    return manifest().get(name)
