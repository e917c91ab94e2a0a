"""What is to be said of a template an officer uploads: what makes it unusable, and which of its marks print nothing."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from portal.kinds import Kind
from portal.kinds.fields import Rows
from portal.word.compiling import compile_form, fields_without_mark, unknown_marks
from portal.word.forms import WordForm
from portal.word.linting import lint
from portal.word.marks import Printing
from portal.word.markup import nodes, parse
from portal.word.package import read_parts

_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class UnusableTemplate(ValueError):
    """The file cannot serve as a template; the message says in Japanese why and what to do."""


@dataclass(frozen=True)
class Verdict:
    """What a template prints. `unknown` marks print nothing; `unmarked` fields are printed together at 《その他の項目》."""

    unknown: tuple[str, ...]
    unmarked: tuple[str, ...]
    omitted: tuple[str, ...]


def check_template(docx: bytes) -> None:
    """Refuse a file that cannot serve as a template. Raises UnusableTemplate."""
    try:
        parts = read_parts(docx)
        roots = {name: parse(data) for name, data in parts.items() if name.endswith((".xml", ".rels"))}
    except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, OSError, ValueError) as broken:
        raise UnusableTemplate("Wordファイルとして読めません。Wordで開き、.docx で保存し直してください。") from broken
    if "word/document.xml" not in roots or "word/styles.xml" not in roots:
        raise UnusableTemplate("Wordの文書ではありません。Wordで作り、.docx で保存したファイルを選んでください。")
    for problem in _problems(parts, roots):
        raise UnusableTemplate(problem)


def _problems(parts: dict[str, bytes], roots: dict[str, etree._Element]) -> Iterator[str]:
    if any(name.lower().endswith((".bin", ".exe", ".dll")) or "/embeddings/" in name for name in parts):
        yield "マクロや埋め込みファイルが入っています。取り除き、.docx で保存し直してください。"
    body = roots["word/document.xml"]
    if nodes(body, "//w:altChunk") or nodes(body, "//w:subDoc"):
        yield "ほかのファイルを読み込む指定が入っています。中身を貼り付けてから保存し直してください。"
    if nodes(body, "//w:ins | //w:del | //w:moveFrom | //w:moveTo"):
        yield "変更履歴が残っています。Wordの「校閲」で、すべての変更を承諾してから保存し直してください。"
    for name, root in roots.items():
        if name.endswith(".rels"):
            for one in root.iter(_REL):
                if one.get("TargetMode") == "External" and not one.get("Type", "").endswith("/hyperlink"):
                    yield "外部のファイルや画像への参照が入っています。画像は文書に埋め込んで保存し直してください。"


def judge(form: WordForm, kind: Kind) -> Verdict:
    """Say what a template prints of a kind."""
    labels = [kind.fields[name].label for name in fields_without_mark(form, kind)]
    omitted = tuple(_label(kind, name) for name in sorted(form.omit))
    return Verdict(tuple(unknown_marks(form, kind)), tuple(labels), omitted)


def _label(kind: Kind, path: str) -> str:
    name, _, column = path.partition(".")
    one = kind.fields.get(name)
    if not isinstance(one, Rows) or not column:
        return one.label if one else path
    return "・".join([one.label, *(each.label for each in one.columns if each.name == column)])


def try_template(form: WordForm, kind: Kind, exported: bytes) -> None:
    """Refuse a template whose filled sample Word would stumble over. Raises UnusableTemplate naming the first fault."""
    compile_form(form, kind, Printing(frozenset(kind.fields), shared=True))
    if faults := lint(exported):
        raise UnusableTemplate(
            "この様式に値を入れると、Wordで開けないおそれがあります。表の結合や図を減らして、もう一度お試しください。"
            f"（{faults[0]}）"
        )
