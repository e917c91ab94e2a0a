"""Long text as canonical HTML over a closed list of tags: cleaned on every write, safe to show as it stands."""

import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html.parser import HTMLParser
from itertools import groupby

import nh3

TAGS = frozenset(
    [
        "h2",
        "h3",
        "p",
        "ul",
        "ol",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "strong",
        "em",
        "br",
        "a",
        "section",
        "figure",
        "img",
    ]
)
ATTRIBUTES = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "section": {"data-block", "data-owner", "data-due"},
    "img": {"data-file", "alt"},  # a file attached to the same document; never an address
}
_SHOWN = str.maketrans('<>"', "＜＞”")
_BLOCK_VALUES = frozenset({"decision", "issue"})
_BLOCKS = frozenset(["h2", "h3", "p", "li", "tr", "caption", "section", "table", "ul", "ol", "figure"])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\n\r\f]+")  # HTML's own blanks; the 全角 blank is a character people place on purpose
_AROUND_BLOCKS = re.compile(
    r" ?(</?(?:h2|h3|p|ul|ol|li|table|caption|thead|tbody|tr|th|td|section|figure)(?: [^>]*)?>) ?"
)
_BLOCK_START = re.compile(r"<(?:h2|h3|p|ul|ol|li|table|section|figure)[ >]")
_TOKENS = re.compile(r"<[^>]*>|[^<]+")
_FIGURE, _IMG = re.compile(r"</?figure>"), re.compile(r"<img([^>]*)>")
_PICTURE = re.compile(r'<figure><img data-file="(\d+)" alt="([^"]*)"></figure>')
_LONGEST_ALT = 300
NO_ALT = "図"
_ROUNDS = 4
"""Parsing may move a misplaced element once more; after so many rounds it has found its place."""
_TAG = re.compile(rf"</?(?:{'|'.join(sorted(TAGS | {'div', 'span', 'h1', 'b', 'i'}))})(?=[\s>/])", re.IGNORECASE)


def strip_control(text: str) -> str:
    """Drop characters that no document may hold (control characters, lone surrogates) and fold line ends to \\n."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=256)
def clean(typed: str) -> str:
    """Return canonical HTML for what a person typed or pasted: HTML is cut to the closed list, plain text is marked up.

    Cleaning what is clean changes nothing, so a text that was only opened and saved makes no version.
    """
    typed = strip_control(typed)
    kept = _sanitised(typed if _TAG.search(typed) else from_plain(typed))
    for _ in range(_ROUNDS):
        again = _sanitised(kept)
        if again == kept:
            break
        kept = again
    return kept


def _sanitised(markup: str) -> str:
    kept = nh3.clean(
        markup,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style", "title", "head", "template", "svg", "math"},
    )
    kept = _IMG.sub(_in_figure, _FIGURE.sub("", kept))
    kept = _BLANKS.sub(" ", kept)
    kept = _AROUND_BLOCKS.sub(r"\1", kept)
    return _in_paragraphs(re.sub(r"<(p|h2|h3)></\1>", "", kept))


def _in_figure(found: re.Match[str]) -> str:
    """Give a picture the block it stands in; one that names no attached file is dropped."""
    about = dict(re.findall(r'([\w-]+)="([^"]*)"', found[1]))
    if not about.get("data-file"):
        return ""
    return picture(int(about["data-file"]), about.get("alt") or NO_ALT)


def pictures_in(canonical: str) -> list[int]:
    """Return the attached files whose pictures stand in a text."""
    return [int(found[1]) for found in _PICTURE.finditer(canonical)] if "<figure>" in canonical else []


def with_pictures(canonical: str, show: Callable[[int, str], str]) -> str:
    """Return a text with each picture replaced by what `show` makes of its file and its escaped description."""
    if "<figure>" not in canonical:
        return canonical
    return _PICTURE.sub(lambda found: show(int(found[1]), found[2]), canonical)


def picture(file: int, alt: str) -> str:
    """Return the markup of a picture; `alt` is escaped already."""
    return f'<figure><img data-file="{file}" alt="{alt}"></figure>'


def _in_paragraphs(markup: str) -> str:
    """Put text that stands in no block into a paragraph: a body of its own tags only would be taken for plain text."""
    shown: list[str] = []
    for is_block, nodes in groupby(_top_nodes(markup), _holds_block):
        run = "".join(nodes).strip(" ")
        shown.append(run if is_block or not run else f"<p>{run}</p>")
    return "".join(shown)


def _top_nodes(markup: str) -> Iterator[str]:
    depth, node = 0, ""
    for found in _TOKENS.findall(markup):
        node += found
        if found.startswith("</"):
            depth -= 1
        elif found.startswith("<") and not found.startswith(("<br", "<img")):
            depth += 1
        if depth <= 0:
            yield node
            node = ""
    if node:
        yield node


def _holds_block(node: str) -> bool:
    return bool(_BLOCK_START.search(node))


def _filter_attribute(_: str, name: str, value: str) -> str | None:
    if name in ("colspan", "rowspan"):
        return value if value.isdecimal() and 1 < int(value[:4]) <= 100 else None
    if name == "data-block":
        return value if value in _BLOCK_VALUES else None
    if name == "data-file":
        return str(int(value)) if re.fullmatch(r"0*[1-9]\d{0,9}", value, re.ASCII) else None
    if name == "alt":
        return _BLANKS.sub(" ", value.translate(_SHOWN)).strip()[:_LONGEST_ALT]
    return value


def blocks_of(canonical: str) -> list[str]:
    """Return the blocks of canonical HTML that stand side by side: paragraphs, headings, lists, tables."""
    return list(_top_nodes(canonical))


def from_plain(text: str) -> str:
    """Mark up plain text: a blank line ends a paragraph, lines that begin with ・ make a list."""
    blocks = []
    for paragraph in re.split(r"\n[ \u3000\t]*\n", text.strip("\n")):
        for is_item, lines in groupby(paragraph.split("\n"), lambda line: line.lstrip().startswith("・")):
            shown = [html.escape(line.strip(), quote=False) for line in lines if line.strip()]
            if is_item:
                items = "".join(f"<li><p>{line[1:].strip()}</p></li>" for line in shown)
                blocks.append(f"<ul>{items}</ul>")
            elif shown:
                blocks.append(f"<p>{'<br>'.join(shown)}</p>")
    return "".join(blocks)


class _PlainText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or tag == "br":
            self._new_line()
        if tag == "li":
            self.lines[-1] += "・"
        if tag == "img":
            self.lines[-1] += f"［図：{dict(attrs).get('alt') or NO_ALT}］"
        if tag in ("td", "th") and self.lines[-1]:
            self.lines[-1] += "\t"

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._new_line()

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data

    def _new_line(self) -> None:
        if self.lines[-1] and self.lines[-1] != "・":
            self.lines.append("")


@lru_cache(maxsize=256)
def plain(canonical: str) -> str:
    """Return the text of canonical HTML, one line a block, list items behind ・, table cells behind tabs."""
    reader = _PlainText()
    reader.feed(canonical)
    reader.close()
    return "\n".join(line for line in reader.lines if line.strip())


def for_textarea(canonical: str) -> str:
    """Return what a plain text area shows: simple text as a person would type it, HTML where that would lose something."""
    simple = re.sub(r"<ul>(.*?)</ul>", lambda m: re.sub(r"<li><p>(.*?)</p></li>", r"・\1\n", m[1]), canonical)
    simple = re.sub(r"<p>(.*?)</p>", r"\1\n\n", simple).replace("<br>", "\n")
    simple = html.unescape(simple).strip("\n")
    return simple if not _TAG.search(simple) and clean(simple) == canonical else canonical
