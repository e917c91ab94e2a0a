"""Values in, a Word file out: no database, no clock, the same bytes for the same values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date

from portal.kinds import Content, Kind
from portal.kinds.calendar import era_year
from portal.kinds.richtext import strip_control
from portal.word.compiling import CORE, RELATIONS, TYPES, Compiled, compile_form, numbering_part
from portal.word.completing import NUMBERING
from portal.word.forms import WordForm, find_form
from portal.word.heading import Heading, heading_lines
from portal.word.marks import Printing
from portal.word.markup import escape
from portal.word.package import Packed, assemble, pack
from portal.word.pictures import MEDIA_TYPES, RELATION, Picture
from portal.word.program import Filling, fill

_CACHED_MOST = 64
_compiled: dict[tuple[str, str, Printing], tuple[WordForm, Kind, Compiled]] = {}
_UNSAFE = re.compile(r'[\\/:*?"<>|\s\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_LONGEST_NAME = 200  # bytes; file systems allow 255, and people add （1）


@dataclass(frozen=True, eq=False)
class Filled:
    """A form with the values of one document in it, not packed yet.

    `lists` counts its numbered lists, `pictures` are those that stand in it.
    """

    compiled: Compiled
    parts: dict[str, str]
    lists: int
    title: str
    pictures: Mapping[int, Picture]


def export(kind: Kind, content: Content, heading: Heading, form: WordForm | None = None) -> bytes:
    """Return the document as .docx, on the shipped form of its kind unless another is given.

    The shared edition is cut here once more, so no caller can send a hidden word to another ward by mistake.
    """
    return packed(fill_form(kind, content, heading, form), heading)


def fill_form(kind: Kind, content: Content, heading: Heading, form: WordForm | None = None) -> Filled:
    """Fill the parts of a form that hold values."""
    if heading.is_shared:
        content = _cut(kind, content)
    compiled = _compiled_form(form or find_form(kind.word_form), kind, content, heading)
    filling = Filling(
        content.fields,
        heading_lines(heading, content.title),
        stamp=heading.stamp,
        last_id=compiled.last_id,
        first_list=compiled.first_list,
        bullets=compiled.bullets,
        pictures={one.file: one for one in heading.pictures},
    )
    parts = {name: fill(program, filling) for name, program in compiled.programs.items()}
    return Filled(compiled, parts, filling.lists, content.title, filling.drawn)


def packed(filled: Filled, heading: Heading) -> bytes:
    """Return a filled form as the file it becomes."""
    compiled = filled.compiled
    parts = {name: pack(name, xml.encode()) for name, xml in filled.parts.items()}
    parts[CORE] = pack(CORE, _core(filled.title, heading).encode())
    if filled.lists:
        parts[NUMBERING] = pack(NUMBERING, numbering_part(compiled, filled.lists).encode())
    parts |= _with_pictures(compiled, filled.pictures.values())
    names = dict.fromkeys([*compiled.names, *parts])
    return assemble(parts.get(name) or compiled.constant[name] for name in names)


def _with_pictures(compiled: Compiled, pictures: Iterable[Picture]) -> dict[str, Packed]:
    """Return the pictures as parts, and the two parts that have to name them."""
    shown = sorted(pictures, key=lambda one: one.file)
    if not shown:
        return {}
    endings = dict.fromkeys(one.shape[0] for one in shown if one.shape)
    named = "".join(f'<Relationship Id="{one.relation}" Type="{RELATION}" Target="{one.part}"/>' for one in shown)
    typed = "".join(
        f'<Default Extension="{one}" ContentType="{MEDIA_TYPES[one]}"/>'
        for one in endings
        if f'Extension="{one}"' not in compiled.types
    )
    relations = compiled.relations.replace("</Relationships>", f"{named}</Relationships>")
    types = re.sub(r"<Types [^>]*>", lambda found: found[0] + typed, compiled.types, count=1)
    found = {RELATIONS: pack(RELATIONS, relations.encode()), TYPES: pack(TYPES, types.encode())}
    return found | {f"word/{one.part}": pack(f"word/{one.part}", one.data, level=1) for one in shown}


def _cut(kind: Kind, content: Content) -> Content:
    cut = kind.cut(content)
    return Content(cut.title, {name: value for name, value in cut.fields.items() if name in content.fields})


def _compiled_form(form: WordForm, kind: Kind, content: Content, heading: Heading) -> Compiled:
    """Compile a form, or take it from the cache: one entry per kind, edition and set of fields that occurs."""
    printing = Printing(frozenset(content.fields), heading.is_shared)
    key = (form.name, kind.name, printing)
    found = _compiled.get(key)
    if found and found[0] is form and found[1] is kind:
        return found[2]
    if len(_compiled) >= _CACHED_MOST:
        _compiled.clear()
    compiled = compile_form(form, kind, printing)
    _compiled[key] = (form, kind, compiled)
    return compiled


def _core(title: str, heading: Heading) -> str:
    """Return the core properties: what the file is, of which ward, never by which person."""
    day = f"{heading.saved_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if heading.saved_at else ""
    moment = '<dcterms:{0} xsi:type="dcterms:W3CDTF">{1}</dcterms:{0}>'
    stamps = moment.format("created", day) + moment.format("modified", day) if day else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:subject>{escape(heading.ward_name)}</dc:subject>"
        f"<dc:creator>{escape(heading.office)}</dc:creator><dc:language>ja-JP</dc:language>"
        f"<dc:identifier>{escape(heading.number)}</dc:identifier><cp:version>{heading.version}</cp:version>"
        f"{stamps}</cp:coreProperties>"
    )


def file_name(kind: Kind, content: Content, heading: Heading, suffix: str = "") -> str:
    """Return a name that sorts by month and is safe on every system: R8-10_東成区_様式7-012_病院連絡会.docx."""
    day = kind.facts(content).held_on or heading.submitted_on
    form = f"様式{kind.form_number}" if kind.form_number else kind.title
    number = re.search(r"様式\d+-\d+$", heading.number)
    parts = [
        _month(day) if day else "",
        heading.ward_name,
        number[0] if number else form,
        content.title,
        "24区共有版" if heading.is_shared else "",
        suffix,
    ]
    safe = [_UNSAFE.sub(" ", strip_control(part)).replace("_", " ").strip(" .\u3000") for part in parts]
    safe[3] = _shorten(
        safe[3], _LONGEST_NAME - sum(len(part.encode()) for index, part in enumerate(safe) if index != 3)
    )
    return "_".join(part for part in safe if part) + ".docx"


def _month(day: date) -> str:
    era, year = era_year(day)
    return f"{era.letter}{year}-{day.month:02d}"


def _shorten(text: str, most: int) -> str:
    """Cut text to that many bytes without splitting a character."""
    return text.encode()[: max(most, 30)].decode(errors="ignore").strip(" .\u3000")
