"""Pictures in texts: attached PNG and JPEG files, found again by the number of the attachment."""

from collections.abc import Callable, Sequence
from pathlib import Path

from portal import word
from portal.kinds import Content, Kind, richtext
from portal.kinds.fields import Field, Rows, Text, Value
from portal.models import Attachment
from portal.services.attaching import find
from portal.services.errors import NotFound
from portal.services.uow import UnitOfWork

MEDIA_TYPES = frozenset({"image/png", "image/jpeg"})
"""What browsers and Word both draw."""
NOT_SHARED = "<p>（図は24区共有版に載せていません。）</p>"
_MOST_BYTES = 64 << 20
"""Bytes of pictures one Word file takes; beyond it, descriptions stand for the rest."""

Show = Callable[[int, str], str]


def open_picture(uow: UnitOfWork, attachment_id: int) -> tuple[Attachment, Path]:
    """Return an attached picture the reader may see, for showing in the page. Raises NotFound."""
    attachment, _ = find(uow, attachment_id)
    path = uow.site.blobs.path(attachment.sha256)
    if attachment.media_type not in MEDIA_TYPES or not path.is_file():
        raise NotFound
    return attachment, path


def pictures_of(uow: UnitOfWork, content: Content, files: Sequence[Attachment]) -> tuple[word.Picture, ...]:
    """Return the pictures that stand in a content, as far as they are among these files."""
    wanted = set(_pictures_in(content))
    found: list[word.Picture] = []
    left = _MOST_BYTES
    for file in files:
        path = uow.site.blobs.path(file.sha256)
        if file.id in wanted and file.media_type in MEDIA_TYPES and file.size <= left and path.is_file():
            left -= file.size
            found.append(word.Picture(file.id, path.read_bytes()))
    return tuple(found)


def with_files_of(content: Content, kind: Kind, files: Sequence[Attachment], others: Sequence[Attachment]) -> Content:
    """Return a content whose pictures are the same files attached to another edition; a note stands for those it lacks."""
    there = {(one.sha256, one.name): one.id for one in others}
    here = {one.id: there.get((one.sha256, one.name)) for one in files}
    return _shown(
        content, kind, lambda file, alt: richtext.picture(new, alt) if (new := here.get(file)) else NOT_SHARED
    )


def without_unshared(content: Content, kind: Kind, files: Sequence[Attachment]) -> Content:
    """Return a content as it will be shared, with a note for each picture whose file is not."""
    shared = {one.id for one in files if one.shareable}
    return _shown(content, kind, lambda file, alt: richtext.picture(file, alt) if file in shared else NOT_SHARED)


def _shown(content: Content, kind: Kind, show: Show) -> Content:
    fields = {name: _in_value(kind.fields.get(name), value, show) for name, value in content.fields.items()}
    return Content(content.title, fields)


def _in_value(one: Field | None, value: Value, show: Show) -> Value:
    if isinstance(one, Text):
        return richtext.clean(richtext.with_pictures(value, show))
    if isinstance(one, Rows):
        columns = {column.name: column for column in one.columns}
        return [{name: _in_value(columns.get(name), cell, show) for name, cell in row.items()} for row in value]
    return value


def _pictures_in(content: Content) -> list[int]:
    texts = [value for value in content.fields.values() if isinstance(value, str)]
    texts += [
        cell
        for value in content.fields.values()
        if isinstance(value, list)
        for row in value
        if isinstance(row, dict)
        for cell in row.values()
        if isinstance(cell, str)
    ]
    return [file for text in texts for file in richtext.pictures_in(text)]
