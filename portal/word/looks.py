"""The looks of one form inside a file bound of many: its styles under names of their own, its fonts named outright."""

import copy
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from portal.word.markup import nodes, parse, strings, w

_REFERENCES = ("pStyle", "rStyle", "tblStyle")
_FONTS = {"asciiTheme": "ascii", "hAnsiTheme": "hAnsi", "eastAsiaTheme": "eastAsia", "cstheme": "cs"}
_A = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
_THEME = "word/theme/theme1.xml"
_ORDER = (
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "pBdr", "shd", "tabs", "suppressAutoHyphens",
    "kinsoku", "wordWrap", "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd",
    "snapToGrid", "spacing", "ind", "contextualSpacing", "jc", "textAlignment", "outlineLvl",
    "rFonts", "b", "bCs", "i", "iCs", "strike", "color", "w", "kern", "position", "sz", "szCs", "highlight", "u", "lang",
)  # fmt: skip
"""How the properties of paragraphs and runs follow each other."""


@dataclass
class Looks:
    """The styles of one form: `mark` stands before their ids, nothing before those of the base."""

    mark: str
    paragraph: str = ""
    table: str = ""
    fonts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, etree._Element] = field(default_factory=dict)
    """Per style (under its new id) the w:numPr it gives its paragraphs."""

    def wear(self, root: etree._Element) -> None:
        """Let a part name its styles as they are called in the bound file."""
        self.name_fonts(root)
        if not self.mark:
            return
        for one in root.iter(*(w(name) for name in _REFERENCES)):
            one.set(w("val"), f"{self.mark}{one.get(w('val'))}")
        if self.paragraph:
            for paragraph in nodes(root, ".//w:p[not(w:pPr/w:pStyle)]"):
                properties_of(paragraph).insert(0, etree.Element(w("pStyle"), {w("val"): self.paragraph}))
        if self.table:
            for about in nodes(root, ".//w:tblPr[not(w:tblStyle)]"):
                about.insert(0, etree.Element(w("tblStyle"), {w("val"): self.table}))

    def name_fonts(self, root: etree._Element) -> None:
        """Write fonts out that are named by the theme: a bound file has none."""
        for fonts in root.iter(w("rFonts")):
            for by_theme, by_name in _FONTS.items():
                place = fonts.attrib.pop(w(by_theme), "")
                if place and (name := self.fonts.get(str(place))):
                    fonts.set(w(by_name), name)


def looks_of(parts: dict[str, bytes], mark: str) -> tuple[Looks, list[etree._Element]]:
    """Return the looks of a form and its styles, renamed for the bound file."""
    styles = parse(parts["word/styles.xml"])
    looks = Looks(mark, fonts=_theme_fonts(parts))
    looks.name_fonts(styles)
    for style in nodes(styles, "//w:style[@w:default]"):
        ident, kind = f"{mark}{style.get(w('styleId'))}", style.get(w("type"))
        if kind == "paragraph":
            looks.paragraph = ident
            _bake_defaults(styles, style)
        elif kind == "table":
            looks.table = ident
    looks.lists = {f"{mark}{ident}": found for ident, found in _lists_of(styles)}
    return looks, [_renamed(style, mark) for style in nodes(styles, "//w:style")]


def fingerprint(styles: bytes) -> bytes:
    """Return what two forms share that look alike."""
    return hashlib.sha256(etree.tostring(parse(styles), method="c14n")).digest()


def properties_of(paragraph: etree._Element) -> etree._Element:
    """Return the w:pPr of a paragraph, made when there is none."""
    about = paragraph.find(w("pPr"))
    if about is None:
        about = etree.Element(w("pPr"))
        paragraph.insert(0, about)
    return about


def place_among(properties: etree._Element, one: etree._Element) -> None:
    """Put a property where it belongs among the others."""
    after = sum(1 for other in properties if _place(other) <= _place(one))
    properties.insert(after, one)


def _place(one: etree._Element) -> int:
    name = etree.QName(one).localname
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _theme_fonts(parts: dict[str, bytes]) -> dict[str, str]:
    """Return the fonts behind the places of a theme, such as minorEastAsia."""
    if _THEME not in parts:
        return {}
    root = parse(parts[_THEME])
    found: dict[str, str] = {}
    for size in ("major", "minor"):
        scheme = root.find(f".//a:{size}Font", _A)
        if scheme is None:
            continue
        faces: dict[str, str] = {
            name: one.get("typeface") or ""
            for name in ("latin", "ea", "cs")
            if (one := scheme.find(f"a:{name}", _A)) is not None
        }
        japanese = scheme.find("a:font[@script='Jpan']", _A)
        east = faces.get("ea") or ("" if japanese is None else japanese.get("typeface") or "")
        found |= {f"{size}{place}": faces.get("latin", "") for place in ("Ascii", "HAnsi")}
        found |= {f"{size}EastAsia": east, f"{size}Bidi": faces.get("cs", "")}
    return found


def _lists_of(styles: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield each style whose paragraphs stand in a list, its own or the one of the style it is based on."""
    by_id = {style.get(w("styleId"), ""): style for style in nodes(styles, "//w:style[@w:type='paragraph']")}
    for ident in by_id:
        seen, at = set(), ident
        while at in by_id and at not in seen:
            seen.add(at)
            if found := nodes(by_id[at], "w:pPr/w:numPr"):
                if strings(found[0], "w:numId/@w:val") not in ([], ["0"]):
                    yield ident, found[0]
                break
            at = "".join(strings(by_id[at], "w:basedOn/@w:val"))


def _renamed(style: etree._Element, mark: str) -> etree._Element:
    taken = copy.deepcopy(style)
    taken.set(w("styleId"), f"{mark}{style.get(w('styleId'))}")
    taken.attrib.pop(w("default"), "")
    taken.set(w("customStyle"), "1")
    for one in nodes(taken, "w:name"):
        one.set(w("val"), f"{one.get(w('val'))} {mark}")
    for one in nodes(taken, "w:basedOn | w:next | w:link"):
        one.set(w("val"), f"{mark}{one.get(w('val'))}")
    for one in nodes(taken, ".//w:numPr"):
        one.getparent().remove(one)  # type: ignore[union-attr]
    return taken


def _bake_defaults(styles: etree._Element, style: etree._Element) -> None:
    """Write into a form's basic style what its document took for granted."""
    for name in ("pPr", "rPr"):
        given = nodes(styles, f"w:docDefaults/w:{name}Default/w:{name}")
        own = style.find(w(name))
        if given and own is None:
            own = etree.SubElement(style, w(name))
        if given and own is not None:
            there = {one.tag for one in own}
            for one in given[0]:
                if one.tag not in there:
                    place_among(own, copy.deepcopy(one))
