"""The few words of WordprocessingML this room writes, as strings: a finished document is joined, never built node by node."""

import html
import re
from typing import cast

from lxml import etree

from portal.kinds.richtext import strip_control

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPECIAL = re.compile(
    "[^\t\n\x20!#-%(-;=?-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # most text has none of these
NS = {"w": W, "r": R}


def w(name: str) -> str:
    """Return the name of an element or attribute of WordprocessingML as lxml wants it."""
    return f"{{{W}}}{name}"


def is_a(node: etree._Element, name: str) -> bool:
    """Say whether a node is that element (comments and processing instructions never are)."""
    return node.tag == w(name)


def parse(xml: bytes | str) -> etree._Element:
    """Parse one part of a package: no entities, no network, any depth; comments and instructions are left out."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(xml.encode() if isinstance(xml, str) else xml, parser)


def parse_blocks(xml: str) -> list[etree._Element]:
    """Parse block markup (paragraphs, tables) written with the prefix w."""
    return list(parse(f'<w:body xmlns:w="{W}" xmlns:r="{R}">{xml}</w:body>'))


def nodes(root: etree._Element, path: str) -> list[etree._Element]:
    """Return the elements at an XPath."""
    return cast("list[etree._Element]", root.xpath(path, namespaces=NS))


def strings(root: etree._Element, path: str) -> list[str]:
    """Return the attribute values at an XPath."""
    return [str(found) for found in cast("list[str]", root.xpath(path, namespaces=NS))]


def text_of(node: etree._Element) -> str:
    """Return all text inside a node."""
    return "".join(str(part) for part in node.itertext())


def escape(text: str) -> str:
    """Return text that can stand in XML, as content or in an attribute; what no document may hold is dropped."""
    return html.escape(strip_control(text)) if _SPECIAL.search(text) else text


def run(text: str, properties: str = "") -> str:
    """Return text as runs with the given w:rPr; line ends become breaks, tabs stay tabs."""
    shown = escape(text)
    if "\n" in shown or "\t" in shown:
        shown = shown.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
        shown = shown.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f'<w:r>{properties}<w:t xml:space="preserve">{shown}</w:t></w:r>'


def paragraph(runs: str, style: str = "", properties: str = "") -> str:
    """Return a paragraph of finished runs in a style."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>" if named or properties else f"<w:p>{runs}</w:p>"


def serialise(node: etree._Element) -> str:
    """Return a node as a string without what follows it."""
    return etree.tostring(node, encoding="unicode", with_tail=False)


def etree_bytes(root: etree._Element) -> bytes:
    """Serialise a whole part."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
