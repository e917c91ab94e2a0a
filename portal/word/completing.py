"""A form that went through Word or LibreOffice gets back what it needs.

Editors give styles new ids (Japanese Word calls 標準 `a`), and drop styles and lists no text uses yet; the names stay. So our
styles are found by name and given their ids again, and what is missing is added from the base.
"""

import copy

from lxml import etree

from portal.word import base
from portal.word.markup import R, etree_bytes, nodes, parse, strings, w

STYLES, NUMBERING = "word/styles.xml", "word/numbering.xml"
_TYPES, _RELATIONS = "[Content_Types].xml", "word/_rels/document.xml.rels"
_REFERENCES = ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link", "styleLink", "numStyleLink")


def complete(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the parts of a form with our styles under our ids, and with our two lists."""
    roots = {name: parse(data) for name, data in parts.items() if name.startswith("word/") and name.endswith(".xml")}
    numbered = NUMBERING in roots
    if not numbered:
        roots[NUMBERING] = etree.Element(w("numbering"), nsmap={"w": w("")[1:-1]})
    _give_back_ids(roots)
    _add_styles(roots[STYLES])
    _add_lists(roots[NUMBERING])
    found = {**parts, **{name: etree_bytes(root) for name, root in roots.items()}}
    return found if numbered else _register_numbering(found)


def _name_of(style: etree._Element) -> str:
    name = style.find(w("name"))
    return "" if name is None else name.get(w("val"), "").lower()


def _base_styles() -> list[etree._Element]:
    return nodes(parse(base.styles()), "//w:style")


def _give_back_ids(roots: dict[str, etree._Element]) -> None:
    """Rename the ids of styles that have the name of one of ours, everywhere they are used."""
    ours = {_name_of(style): style.get(w("styleId"), "") for style in _base_styles()}
    theirs = {style.get(w("styleId"), ""): _name_of(style) for style in nodes(roots[STYLES], "//w:style")}
    new_ids = {ident: ours[name] for ident, name in theirs.items() if name in ours}
    taken = set(new_ids.values())
    new_ids.update({ident: f"{ident}_" for ident in theirs if ident in taken and ident not in new_ids})
    for style in nodes(roots[STYLES], "//w:style"):
        ident = style.get(w("styleId"), "")
        style.set(w("styleId"), new_ids.get(ident, ident))
    for root in roots.values():
        for reference in root.iter(*(w(name) for name in _REFERENCES)):
            ident = reference.get(w("val"), "")
            reference.set(w("val"), new_ids.get(ident, ident))


def _add_styles(styles: etree._Element) -> None:
    known = set(strings(styles, "//w:style/@w:styleId"))
    defaults = {style.get(w("type")) for style in nodes(styles, "//w:style[@w:default]")}
    for style in _base_styles():
        if style.get(w("styleId")) not in known:
            if style.get(w("type")) in defaults and style.get(w("default")):
                del style.attrib[w("default")]
            styles.append(copy.deepcopy(style))


def _add_lists(numbering: etree._Element) -> None:
    """Add the lists whose sign is not there, and a number for the bullets."""
    ours = parse(base.numbering())
    for abstract in nodes(ours, "//w:abstractNum"):
        sign = strings(abstract, "w:nsid/@w:val")[0]
        if not _list_of(numbering, sign):
            taken = [int(one) for one in strings(numbering, "//w:abstractNum/@w:abstractNumId")]
            abstract.set(w("abstractNumId"), str(max([-1, *taken]) + 1))
            numbering.insert(len(nodes(numbering, "w:numPicBullet | w:abstractNum")), abstract)
    if not bullet_number(numbering):
        taken = [int(one) for one in strings(numbering, "//w:num/@w:numId")]
        number = etree.Element(w("num"), {w("numId"): str(max([0, *taken]) + 1)})
        etree.SubElement(number, w("abstractNumId"), {w("val"): _list_of(numbering, base.BULLET_SIGN)})
        numbering.insert(len(nodes(numbering, "w:numPicBullet | w:abstractNum | w:num")), number)


def _list_of(numbering: etree._Element, sign: str) -> str:
    return "".join(strings(numbering, f"w:abstractNum[w:nsid/@w:val='{sign}']/@w:abstractNumId")[:1])


def bullet_number(numbering: etree._Element) -> int:
    """Return the number under which bulleted paragraphs name their list; 0 when there is none."""
    abstract = _list_of(numbering, base.BULLET_SIGN)
    numbers = strings(numbering, f"w:num[w:abstractNumId/@w:val='{abstract}']/@w:numId") if abstract else []
    return int(numbers[0]) if numbers else 0


def ordered_list(numbering: etree._Element) -> tuple[str, int]:
    """Return the id of our ordered list, and the first number free for a new list."""
    numbers = [int(number) for number in strings(numbering, "w:num/@w:numId")]
    return _list_of(numbering, base.ORDER_SIGN), max([0, *numbers]) + 1


def _register_numbering(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Tell the package about a numbering part it did not have."""
    types, relations = parse(parts[_TYPES]), parse(parts[_RELATIONS])
    space = types.tag.rpartition("}")[0] + "}"
    etree.SubElement(
        types, f"{space}Override", {"PartName": f"/{NUMBERING}", "ContentType": base.PART_TYPE.format("numbering")}
    )
    space = relations.tag.rpartition("}")[0] + "}"
    about = {"Id": "rIdPortalNumbering", "Type": f"{R}/numbering", "Target": "numbering.xml"}
    etree.SubElement(relations, f"{space}Relationship", about)
    return {**parts, _TYPES: etree_bytes(types), _RELATIONS: etree_bytes(relations)}
