"""Accept all and reject all, as Word does it, written from the rules of the format and apart from the portal's own code."""

from lxml import etree

from tests.word.desk import NS, W

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def accepted(root: etree._Element) -> etree._Element:
    """Return a part as it is once every change is accepted."""
    return _decided(root, stays="ins", goes="del", old_style=False)


def rejected(root: etree._Element) -> etree._Element:
    """Return a part as it is once every change is rejected."""
    return _decided(root, stays="del", goes="ins", old_style=True)


def _decided(root: etree._Element, *, stays: str, goes: str, old_style: bool) -> etree._Element:
    for row in root.xpath(f"//w:tr[w:trPr/w:{goes}]", namespaces=NS):
        if row.getparent() is not None:
            row.getparent().remove(row)
    for table in root.xpath("//w:tbl[not(w:tr)]", namespaces=NS):
        table.getparent().remove(table)
    for change in root.xpath(f"//w:p/w:{goes}", namespaces=NS):
        change.getparent().remove(change)
    for change in root.xpath(f"//w:p/w:{stays}", namespaces=NS):
        place = change.getparent().index(change)
        change.getparent()[place : place + 1] = list(change)
    for change in root.xpath("//w:pPrChange", namespaces=NS):
        properties = change.getparent()
        properties.remove(change)
        if old_style:
            kept = properties.findall(f"{W}rPr") + properties.findall(f"{W}sectPr")
            properties[:] = [*change.find(f"{W}pPr"), *kept]
    for paragraph in root.xpath(f"//w:p[w:pPr/w:rPr/w:{goes}]", namespaces=NS):
        _join_with_next(paragraph)
    for mark in root.xpath(f"//w:rPr/w:{stays} | //w:trPr/w:{stays}", namespaces=NS):
        mark.getparent().remove(mark)
    for text in root.iter(f"{W}delText", f"{W}delInstrText"):
        text.tag = f"{W}t" if text.tag.endswith("delText") else f"{W}instrText"
    return root


def _join_with_next(paragraph: etree._Element) -> None:
    """A paragraph whose end went runs together with the next one, which keeps its own properties."""
    words = [child for child in paragraph if child.tag != f"{W}pPr"]
    following = paragraph.getnext()
    if following is not None and following.tag == f"{W}p":
        at = 1 if following.find(f"{W}pPr") is not None else 0
        following[at:at] = words
    else:
        assert not words, "text would be lost before a table or the end of a cell"
    paragraph.getparent().remove(paragraph)


def printed(container: etree._Element) -> list[object]:
    """Return what a body, cell, header or footer prints: letters with their looks, paragraph properties, rows and cells.

    Paragraphs too small to see count for nothing, and lists are told apart by order, not by number.
    """
    return _blocks(container, {})


def _blocks(container: etree._Element, lists: dict[str, int]) -> list[object]:
    found: list[object] = []
    for block in container:
        if block.tag == f"{W}p":
            look = _properties(block, lists)
            letters = _letters(block)
            if letters or 'w:val="Tail"' not in look:
                found.append((look, letters))
        elif block.tag == f"{W}tbl":
            rows = [
                [(_merges(cell), _blocks(cell, lists)) for cell in row.findall(f"{W}tc")]
                for row in block.findall(f"{W}tr")
            ]
            found.append(rows)
    return found


def _merges(cell: etree._Element) -> tuple[str, ...]:
    found = cell.xpath("w:tcPr/w:gridSpan | w:tcPr/w:vMerge", namespaces=NS)
    return tuple(f"{one.tag}{one.get(f'{W}val')}" for one in found)


def _properties(paragraph: etree._Element, lists: dict[str, int]) -> str:
    for number in paragraph.iterfind(f"{W}pPr/{W}numPr/{W}numId"):
        value = number.get(f"{W}val")
        number.set(f"{W}val", str(lists.setdefault(value, 1000 + len(lists))))
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        return ""
    return "".join(_plain(one) for one in properties if one.tag not in (f"{W}rPr", f"{W}sectPr"))


def _plain(node: etree._Element) -> str:
    return etree.tostring(node, method="c14n", exclusive=True, with_tail=False).decode()


def _letters(paragraph: etree._Element) -> list[tuple[str, str]]:
    """Return each letter with its look; a link counts as its address and its letters."""
    found = []
    for run in paragraph.iter(f"{W}r"):
        properties = run.find(f"{W}rPr")
        look = "" if properties is None else "".join(_plain(one) for one in properties)
        for part in run:
            if part.tag == f"{W}t":
                found += [(letter, look) for letter in part.text or ""]
            elif part.tag not in (f"{W}rPr", f"{W}fldChar", f"{W}instrText"):
                found.append((_plain(part), look))
    return found
