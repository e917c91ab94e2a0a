"""New Word files, drawn with python-docx on the house's base: the shipped forms (portal.word.seed) and simple documents.

Exports do not come by here: they are joined from a compiled form (portal.word.compiling), several times faster.
"""

from collections.abc import Sequence
from functools import cache
from io import BytesIO

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import PartFactory
from docx.shared import Twips
from lxml import etree

from portal.word import base
from portal.word.markup import R, etree_bytes, parse, parse_blocks
from portal.word.package import assemble, pack, read_parts

_EXTRAS = (RELATIONSHIP_TYPE.EXTENDED_PROPERTIES, RELATIONSHIP_TYPE.THUMBNAIL)


def new_document(title: str) -> Document:
    """Return an empty A4 page in our own styles; nothing of python-docx's template but its body is left."""
    document = docx.Document(BytesIO(_blank()))
    document.core_properties.title = title
    return document


@cache
def _blank() -> bytes:
    document = docx.Document()
    rels, package = document.part.rels, document.part.package
    assert package is not None
    for key in [key for key, relation in package.rels.items() if relation.reltype in _EXTRAS]:
        del package.rels[key]
    rels.clear()
    for name, text in base.parts().items():
        kind = f"{R}/{name}"
        path, content_type = PackURI(f"/word/{name}.xml"), base.PART_TYPE.format(name)
        document.part.relate_to(PartFactory(path, content_type, kind, text.encode(), package), kind)  # type: ignore[arg-type]
    _set_page(document)
    document.core_properties._element[:] = []  # python-docx's own author, comment and dates
    document.core_properties.language = "ja-JP"
    return to_bytes(document)


def _set_page(document: Document) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Twips(11906), Twips(16838)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = map(Twips, (1418, 1134, 1418, 1134))
    page.header_distance, page.footer_distance = Twips(737), Twips(567)


def add_blocks(document: Document, xml: str) -> None:
    """Add finished paragraphs and tables at the end."""
    for block in parse_blocks(xml):
        document.element.body.sectPr.addprevious(block)


def to_bytes(document: Document) -> bytes:
    """Return the file, the same bytes for the same content."""
    file = BytesIO()
    document.save(file)
    parts = read_parts(file.getvalue())
    return assemble(pack(name, _tidy(data) if name.endswith(".xml") else data, level=9) for name, data in parts.items())


def _tidy(xml: bytes) -> bytes:
    """Take out the two dozen namespaces python-docx declares on every part."""
    root = parse(xml)
    root.attrib.pop("{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable", "")
    etree.cleanup_namespaces(root, keep_ns_prefixes=["w", "r"])
    return etree_bytes(root)


def simple_document(title: str, paragraphs: Sequence[str]) -> bytes:
    """Return a Word file of a title and paragraphs."""
    document = new_document(title)
    document.add_paragraph(title, "Title")
    for text in paragraphs:
        document.add_paragraph(text)
    return to_bytes(document)
