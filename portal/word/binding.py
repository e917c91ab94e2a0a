"""Many Word files bound into one: each a section of its own, with its own page, header, footer, lists and looks.

What an editor needs to read a file back (controls, bookmarks) stays behind: a bound file is for reading and printing. The pages
are counted through, so every PAGE in a footer goes on, and NUMPAGES becomes the number of the last page.
"""

import copy
import hashlib
import posixpath
from dataclasses import dataclass, field

from lxml import etree

from portal.word import base
from portal.word.looks import Looks, fingerprint, looks_of, place_among, properties_of
from portal.word.markup import R, W, etree_bytes, is_a, nodes, parse, parse_blocks, strings, w
from portal.word.package import assemble, pack, read_parts

END = "_p_end"
"""The bookmark on the last page."""
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATION = f"{{{_PACKAGE}/relationships}}Relationship"
_CARRIED = ("header", "footer", "image", "hyperlink")
_DROPPED = (
    "bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "commentReference", "footnoteReference",
    "endnoteReference", "permStart", "permEnd", "proofErr",
)  # fmt: skip
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_BEFORE_NUMBERING = frozenset(
    w(name)
    for name in (
        "headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar", "paperSrc", "pgBorders",
        "lnNumType",
    )
)  # fmt: skip
_NO_TEXT = '<w:{0} xmlns:w="{1}"><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr></w:p></w:{0}>'


@dataclass
class Book:
    """A Word file being bound, begun from the base of every shipped form."""

    _body: list[etree._Element] = field(default_factory=list)
    _parts: dict[str, bytes] = field(default_factory=dict)
    _types: dict[str, str] = field(default_factory=dict)
    _relations: list[tuple[str, str, str, str]] = field(default_factory=list)
    _looks: dict[bytes, Looks] = field(default_factory=dict)
    _lists: list[etree._Element] = field(default_factory=list)
    _numbers: list[etree._Element] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self._styles = parse(base.styles())
        self._looks[fingerprint(base.styles().encode())] = Looks("")

    def add_pages(self, blocks: str, section: str, *, bookmark: str = "") -> None:
        """Add pages of our own: block markup in the base's styles, and the w:sectPr they stand in."""
        about = parse_blocks(section)[0]
        self._add_edges(about)
        self._close_section(parse_blocks(blocks), about, bookmark)

    def add_footer(self, paragraphs: str) -> str:
        """Add a footer of our own; return the id a w:footerReference names it by."""
        xml = f'<w:ftr xmlns:w="{W}" xmlns:r="{R}">{paragraphs}</w:ftr>'
        return self._add_text_part("footer", parse(xml))

    def add_file(self, docx: bytes, *, bookmark: str = "", start: int | None = None) -> None:
        """Add a whole Word file, its first page under a bookmark; `start` begins the counting of pages anew."""
        parts = read_parts(docx)
        root = parse(parts["word/document.xml"])
        body = root.find(w("body"))
        assert body is not None
        looks = self._looks_of(parts)
        self._strip(body)
        looks.wear(body)
        self._list_by_style(body, looks)
        self._renumber_lists(body, parts)
        self._bring_relations(body, "word/document.xml", parts, looks)
        section = body[-1] if is_a(body[-1], "sectPr") else etree.SubElement(body, w("sectPr"))
        body.remove(section)
        for one in (section, *nodes(body, ".//w:sectPr")):
            self._finish_section(one, start=start)
            start = None
        self._close_section(list(body), section, bookmark)

    def to_bytes(self, title: str) -> bytes:
        """Return the bound file."""
        body = etree.Element(w("body"), nsmap={"w": W, "r": R})
        last = self._body.pop() if self._body else parse_blocks("<w:p/>")[0]
        section = last.find(f"{w('pPr')}/{w('sectPr')}")
        assert section is not None, "nothing was added"
        section.getparent().remove(section)  # type: ignore[union-attr]
        _mark(last, END, self._number())
        body.extend([*self._body, last, section])
        document = etree.Element(w("document"), nsmap={"w": W, "r": R})
        document.append(body)
        parts = {
            "[Content_Types].xml": self._content_types(),
            "_rels/.rels": _top_relations(),
            "docProps/core.xml": _core(title),
            "word/document.xml": etree_bytes(document),
            "word/_rels/document.xml.rels": self._document_relations(),
            "word/styles.xml": etree_bytes(self._styles),
            "word/numbering.xml": self._numbering(),
            "word/settings.xml": base.settings().encode(),
            "word/fontTable.xml": base.font_table().encode(),
            **self._parts,
        }
        return assemble(pack(name, data) for name, data in parts.items())

    # -- sections -----------------------------------------------------------------------------------------------------

    def _close_section(self, blocks: list[etree._Element], section: etree._Element, bookmark: str) -> None:
        """Add blocks and let their last paragraph end the section."""
        if not blocks or not is_a(blocks[-1], "p") or blocks[-1].find(f"{w('pPr')}/{w('sectPr')}") is not None:
            blocks += parse_blocks('<w:p><w:pPr><w:pStyle w:val="Tail"/></w:pPr></w:p>')
        last = blocks[-1]
        about = properties_of(last)
        after = about.find(w("pPrChange"))
        about.insert(len(about) if after is None else about.index(after), section)
        if bookmark:
            first = next(paragraph for block in blocks for paragraph in block.iter(w("p")))
            _mark(first, bookmark, self._number())
        self._body += blocks

    def _finish_section(self, section: etree._Element, *, start: int | None) -> None:
        """Let a section begin on a new page, count on, and take no header over from the one before."""
        for name in ("type", "pgNumType"):
            for one in nodes(section, f"w:{name}"):
                section.remove(one)
        self._add_edges(section)
        if start is not None:
            place = sum(1 for one in section if one.tag in _BEFORE_NUMBERING)
            section.insert(place, etree.Element(w("pgNumType"), {w("start"): str(start)}))

    def _add_edges(self, section: etree._Element) -> None:
        """Give a section a header and a footer without words where it has none; it would take those before it."""
        for name in ("header", "footer"):
            if not nodes(section, f"w:{name}Reference[@w:type='default']"):
                tag = "hdr" if name == "header" else "ftr"
                number = self._add_text_part(name, parse(_NO_TEXT.format(tag, W)))
                reference = etree.Element(w(f"{name}Reference"), {w("type"): "default", f"{{{R}}}id": number})
                section.insert(0 if name == "header" else len(nodes(section, "w:headerReference")), reference)

    def _strip(self, root: etree._Element) -> None:
        _strip(root)
        for picture in root.iter(f"{_WP}docPr"):
            picture.set("id", str(self._number()))

    # -- what a file brings along -------------------------------------------------------------------------------------

    def _bring_relations(
        self, root: etree._Element, part: str, parts: dict[str, bytes], looks: Looks, owner: str = ""
    ) -> None:
        """Carry over what a part refers to, under ids of this file; `owner` is a header or footer with its own list."""
        found = _relations_of(part, parts)
        brought: list[tuple[str, str, str, str]] = []
        for one in root.iter():
            for name in (f"{{{R}}}id", f"{{{R}}}embed", f"{{{R}}}link"):
                if (ident := one.get(name)) in found:
                    kind, target, mode = found[ident]
                    new = self._bring(kind, target, mode, parts, looks, brought if owner else self._relations)
                    one.set(name, new)
        if owner and brought:
            self._parts[f"word/_rels/{posixpath.basename(owner)}.rels"] = _relations_xml(brought)

    def _bring(
        self,
        kind: str,
        target: str,
        mode: str,
        parts: dict[str, bytes],
        looks: Looks,
        into: list[tuple[str, str, str, str]],
    ) -> str:
        name = kind.rpartition("/")[2]
        if name in ("header", "footer"):
            root = parse(parts[target])
            self._strip(root)
            looks.wear(root)
            _count_through(root)
            return self._add_text_part(name, root, target, parts, looks)
        ident = f"rId{self._number()}"
        if name == "image" and target in parts:
            ending = posixpath.splitext(target)[1].lower()
            media = f"media/{hashlib.sha256(parts[target]).hexdigest()[:20]}{ending}"
            self._parts[f"word/{media}"] = parts[target]
            into.append((ident, kind, media, ""))
        elif name == "hyperlink":
            into.append((ident, kind, target, mode))
        return ident

    def _add_text_part(
        self,
        name: str,
        root: etree._Element,
        source: str = "",
        parts: dict[str, bytes] | None = None,
        looks: Looks | None = None,
    ) -> str:
        """Add a header or footer; return its id. The same one is added once."""
        number = self._number()
        part = f"{name}{number}.xml"
        if source and parts is not None and looks is not None:
            self._bring_relations(root, source, parts, looks, owner=part)
        self._parts[f"word/{part}"] = etree_bytes(root)
        self._types[f"/word/{part}"] = base.PART_TYPE.format(name)
        self._relations.append((f"rId{number}", f"{R}/{name}", part, ""))
        return f"rId{number}"

    def _renumber_lists(self, body: etree._Element, parts: dict[str, bytes]) -> None:
        """Give every list of a file a number of its own, so that it begins at 1 again."""
        if "word/numbering.xml" not in parts:
            return
        theirs = parse(parts["word/numbering.xml"])
        new_numbers: dict[str, str] = {}
        new_lists: dict[str, str] = {}
        for reference in body.iter(w("numId")):
            old = reference.get(w("val"), "")
            if old not in new_numbers and (found := nodes(theirs, f"w:num[@w:numId='{old}']")):
                new_numbers[old] = self._bring_list(theirs, found[0], new_lists)
            reference.set(w("val"), new_numbers.get(old, "0"))

    def _bring_list(self, theirs: etree._Element, number: etree._Element, new_lists: dict[str, str]) -> str:
        abstract = number.find(w("abstractNumId"))
        assert abstract is not None
        old = abstract.get(w("val"), "")
        if old not in new_lists:
            drawn = copy.deepcopy(nodes(theirs, f"w:abstractNum[@w:abstractNumId='{old}']")[0])
            new_lists[old] = str(len(self._lists))
            drawn.set(w("abstractNumId"), new_lists[old])
            for sign in nodes(drawn, "w:nsid"):
                sign.set(w("val"), f"{0x0B000000 + len(self._lists):08X}")
            for linked in nodes(drawn, "w:styleLink | w:numStyleLink | .//w:pStyle"):
                linked.getparent().remove(linked)  # type: ignore[union-attr]
            self._lists.append(drawn)
        taken = copy.deepcopy(number)
        new = str(len(self._numbers) + 1)
        taken.set(w("numId"), new)
        taken.find(w("abstractNumId")).set(w("val"), new_lists[old])  # type: ignore[union-attr]
        self._numbers.append(taken)
        return new

    def _looks_of(self, parts: dict[str, bytes]) -> Looks:
        """Return how the styles of a file are called here; those of a form nobody has drawn differently are our own."""
        key = fingerprint(parts["word/styles.xml"])
        if key not in self._looks:
            self._looks[key], renamed = looks_of(parts, f"x{len(self._looks)}")
            self._styles.extend(renamed)
        return self._looks[key]

    def _list_by_style(self, body: etree._Element, looks: Looks) -> None:
        """Let paragraphs that stand in a list by their style say so themselves, so that each file counts for itself."""
        for paragraph in nodes(body, ".//w:p[w:pPr/w:pStyle and not(w:pPr/w:numPr)]"):
            given = looks.lists.get("".join(strings(paragraph, "w:pPr/w:pStyle/@w:val")))
            if given is not None:
                place_among(properties_of(paragraph), copy.deepcopy(given))

    # -- the package --------------------------------------------------------------------------------------------------

    def _number(self) -> int:
        self._count += 1
        return self._count + 100  # below are the relations every document has

    def _numbering(self) -> bytes:
        root = parse(base.numbering())
        for one in list(root):
            root.remove(one)
        root.extend([*self._lists, *self._numbers])
        return etree_bytes(root)

    def _document_relations(self) -> bytes:
        own = [(f"rId{n}", f"{R}/{name}", f"{name}.xml", "") for n, name in enumerate(base.parts(), 1)]
        return _relations_xml([*own, *self._relations])

    def _content_types(self) -> bytes:
        root = etree.Element(f"{{{_PACKAGE}/content-types}}Types", nsmap={None: f"{_PACKAGE}/content-types"})  # type: ignore[dict-item]
        endings = {posixpath.splitext(name)[1][1:] for name in self._parts if name.startswith("word/media/")}
        defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml"}
        defaults |= {one: f"image/{'jpeg' if one == 'jpg' else one}" for one in sorted(endings)}
        for ending, kind in defaults.items():
            etree.SubElement(root, f"{{{_PACKAGE}/content-types}}Default", Extension=ending, ContentType=kind)
        overrides = {"/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml"}
        overrides["/word/document.xml"] = base.PART_TYPE.format("document.main")
        overrides |= {f"/word/{name}.xml": base.PART_TYPE.format(name) for name in base.parts()}
        for name, kind in (overrides | self._types).items():
            etree.SubElement(root, f"{{{_PACKAGE}/content-types}}Override", PartName=name, ContentType=kind)
        return etree_bytes(root)


def _strip(root: etree._Element) -> None:
    """Take controls, bookmarks and notes out; what stands in a control stays."""
    for control in nodes(root, ".//w:sdt"):
        parent, content = control.getparent(), control.find(w("sdtContent"))
        assert parent is not None
        place = parent.index(control)
        for one in list(content) if content is not None else []:
            parent.insert(place, one)
            place += 1
        parent.remove(control)
    for one in nodes(root, " | ".join(f".//w:{name}" for name in _DROPPED)):
        one.getparent().remove(one)  # type: ignore[union-attr]


def _count_through(root: etree._Element) -> None:
    """Let 「n / N」 at the foot of a page mean the last page of the bound file."""
    for simple in root.iter(w("fldSimple")):
        simple.set(w("instr"), _through(simple.get(w("instr"), "")))
    for instruction in root.iter(w("instrText")):
        instruction.text = _through(instruction.text or "")


def _through(instruction: str) -> str:
    return f" PAGEREF {END} " if instruction.split()[:1] in (["NUMPAGES"], ["SECTIONPAGES"]) else instruction


def _mark(paragraph: etree._Element, name: str, number: int) -> None:
    """Put a bookmark at the beginning of a paragraph."""
    place = 1 if len(paragraph) and is_a(paragraph[0], "pPr") else 0
    paragraph.insert(place, etree.Element(w("bookmarkEnd"), {w("id"): str(number)}))
    paragraph.insert(place, etree.Element(w("bookmarkStart"), {w("id"): str(number), w("name"): name}))


def _relations_of(part: str, parts: dict[str, bytes]) -> dict[str, tuple[str, str, str]]:
    """Return what a part refers to: id to type, target (a part's name, or an address) and mode."""
    folder, name = posixpath.split(part)
    listed = parts.get(f"{folder}/_rels/{name}.rels")
    found = {}
    for one in parse(listed).iter(_RELATION) if listed else ():
        kind, target, mode = one.get("Type", ""), one.get("Target", ""), one.get("TargetMode", "")
        if kind.rpartition("/")[2] in _CARRIED:
            place = target if mode else posixpath.normpath(posixpath.join(folder, target)).lstrip("/")
            found[one.get("Id", "")] = (kind, place, mode)
    return found


def _relations_xml(relations: list[tuple[str, str, str, str]]) -> bytes:
    root = etree.Element(f"{{{_PACKAGE}/relationships}}Relationships", nsmap={None: f"{_PACKAGE}/relationships"})  # type: ignore[dict-item]
    for ident, kind, target, mode in relations:
        about = {"Id": ident, "Type": kind, "Target": target} | ({"TargetMode": mode} if mode else {})
        etree.SubElement(root, _RELATION, about)
    return etree_bytes(root)


def _top_relations() -> bytes:
    office, core = f"{R}/officeDocument", f"{_PACKAGE}/relationships/metadata/core-properties"
    return _relations_xml([("rId1", office, "word/document.xml", ""), ("rId2", core, "docProps/core.xml", "")])


def _core(title: str) -> bytes:
    names = {"cp": f"{_PACKAGE}/metadata/core-properties", "dc": "http://purl.org/dc/elements/1.1/"}
    root = etree.Element(f"{{{names['cp']}}}coreProperties", nsmap=names)
    etree.SubElement(root, f"{{{names['dc']}}}title").text = title
    etree.SubElement(root, f"{{{names['dc']}}}language").text = "ja-JP"
    return etree_bytes(root)
