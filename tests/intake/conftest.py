"""A desk for the intake tests: put bytes down under a name, and read them as the portal would."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.intake import ALLOWED, Extracted, Limits, extract

Read = Callable[..., Extracted]


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def put(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def read(put: Callable[[str, bytes], Path]) -> Read:
    """Read bytes as a file of this extension, in the child, without asking first whether they may come in."""

    def read(extension: str, content: bytes, limits: Limits | None = None) -> Extracted:
        return extract(put(f"file.{extension}", content), ALLOWED[extension], limits)

    return read
