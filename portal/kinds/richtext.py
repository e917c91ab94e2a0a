"""Long text as canonical HTML over a closed list of tags: cleaned on every write, safe to show as it stands."""

import html
import re
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
    ]
)
ATTRIBUTES = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "section": {"data-block", "data-owner", "data-due"},
}
_BLOCK_VALUES = frozenset({"decision", "issue"})
_BLOCKS = frozenset(["h2", "h3", "p", "li", "tr", "caption", "section", "table", "ul", "ol"])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(rf"</?(?:{'|'.join(sorted(TAGS | {'div', 'span', 'h1', 'b', 'i'}))})(?=[\s>/])", re.IGNORECASE)


def strip_control(text: str) -> str:
    """Drop characters that no document may hold (control characters, lone surrogates) and fold line ends to \\n."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=2048)
def clean(typed: str) -> str:
    """Return canonical HTML for what a person typed or pasted: HTML is cut to the closed list, plain text is marked up."""
    typed = strip_control(typed)
    if not _TAG.search(typed):
        return from_plain(typed)
    kept = nh3.clean(
        typed,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style", "title", "head", "template", "svg", "math"},
    )
    kept = re.sub(r"\s+", " ", kept)
    kept = re.sub(r" ?(</?(?:h2|h3|p|ul|ol|li|table|caption|thead|tbody|tr|th|td|section)(?: [^>]*)?>) ?", r"\1", kept)
    return re.sub(r"<(p|h2|h3)></\1>", "", kept).strip()


def _filter_attribute(_: str, name: str, value: str) -> str | None:
    if name in ("colspan", "rowspan"):
        return value if value.isdecimal() and 1 < int(value[:4]) <= 100 else None
    if name == "data-block":
        return value if value in _BLOCK_VALUES else None
    return value


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


@lru_cache(maxsize=2048)
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
    return simple if from_plain(simple) == canonical else canonical
