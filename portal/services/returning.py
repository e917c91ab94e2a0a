"""Word files that come back: read in the limited child, compared field by field, taken over as a person chooses.

What was read waits beside the person's drafts until they have chosen, so neither a crash nor a sign-out loses it. Nothing
becomes part of the document by itself: each field is taken over or left, and what is taken over is a version like any other.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy import delete

from portal import intake, word
from portal.db.base import now
from portal.db.session import insert_if_absent
from portal.kinds import Content, Invalid
from portal.kinds.diff import Line, lines
from portal.kinds.fields import Problem, Value
from portal.models import Document, Draft, Version
from portal.security.workflows import Permission
from portal.services import attaching, documents, drafts, exporting, jobs
from portal.services.attaching import FileRefused, Taken
from portal.services.documents import version_of
from portal.services.errors import Forbidden, NotFound, WrongState
from portal.services.indexing import portal_session
from portal.services.site import Site
from portal.services.stamps import Stamp, read_stamp
from portal.services.uow import UnitOfWork
from search_index import cut_words

KEPT = timedelta(days=30)
"""How long a file that was read waits for its person."""
COMMENT = "Wordファイルから取り込み"
_KEY = f"{drafts.FILE}word:"
_ANOTHER = {
    "pdf": "PDFからは取り込めません。「Wordで保存」で保存したWordファイル（.docx）を直して選んでください。",
    **dict.fromkeys(
        ("doc", "rtf", "odt", "dotx"),
        "この形式からは取り込めません。Wordの「名前を付けて保存」で Word 文書（.docx）にして選んでください。",
    ),
    **dict.fromkeys(
        ("docm", "dotm"),
        "マクロを含むファイルは取り込めません。マクロなしの Word 文書（.docx）で保存し直して選んでください。",
    ),
}
_NOT_READ: dict[type[intake.Refused], str] = {
    intake.Encrypted: "パスワードで保護されているため読み取れません。Wordでパスワードを外して保存し直し、もう一度選んでください。",
    intake.Damaged: "ファイルが壊れているため読み取れません。Wordで開けるか確かめ、「名前を付けて保存」で保存し直してください。",
}


class NotOurs(FileRefused):
    """The file is sound, and does not belong to this document: another one's, another site's, the shared edition's."""


@dataclass(frozen=True)
class Offered:
    """One field that differs in the file. `before` is what the document says now, `after` what the file says.

    `base` is what both began with; `disputed` says that the document's own text changed since as well. With a `problem` the
    text cannot be a value and is only shown.
    """

    name: str
    label: str
    base: str
    before: str
    after: str
    disputed: bool
    problem: str
    lines: tuple[Line, ...]
    changes: tuple[word.Change, ...]
    value: Value


@dataclass(frozen=True)
class Comparison:
    """What a file would change, against the document as it is now."""

    file_name: str
    base: int
    current: int
    read_at: datetime
    offered: list[Offered]
    comments: list[word.Comment]
    warnings: list[str]

    @property
    def is_older(self) -> bool:
        """Whether the document has moved on since the file was saved from it."""
        return self.base != self.current


# --- a file comes in ------------------------------------------------------------------------------------------------------


def read_file(uow: UnitOfWork, document_id: int, *, name: str, source: IO[bytes]) -> Comparison:
    """Read a Word file that was saved from this document, and keep what it says until the person has chosen.

    Raises FileRefused for what cannot be read or is none of this document's files, with what to do about it.
    """
    document = uow.access(document_id, Permission.EDIT)
    name = intake.clean_name(name)
    extension = Path(name).suffix.lower().lstrip(".")
    if extension in _ANOTHER:
        raise FileRefused(_ANOTHER[extension])
    uow.pause()  # reading takes a while, and on SQLite there is one writer
    path = attaching.spool(source, uow.site.settings.upload_limit_mb, uow.site.settings.data)
    try:
        outline = _outline(path, name)
        document = uow.access(document_id, Permission.EDIT)
        stamp = _own_stamp(uow, document, outline)
        version = version_of(uow, document, stamp.version)
        returned = _read(uow, document, version, outline, stamp)
        with path.open("rb") as file:
            taken = attaching.take_in(uow, name=name, source=file)
    finally:
        path.unlink(missing_ok=True)
    document = uow.access(document_id, Permission.EDIT)
    _keep(uow, document, version, taken, returned)
    uow.audit("document.word.read", document, number=version.number, sha256=taken.sha256)
    uow.flush()
    found = pending(uow, document)
    assert found is not None
    return found


def _outline(path: Path, name: str) -> intake.Outline:
    try:
        file_type = intake.sniff(path, name)
        if file_type.extension != "docx":
            raise FileRefused(f"{file_type.label}からは取り込めません。Wordファイル（.docx）を選んでください。")
        return intake.trace_outline(path)
    except intake.Refused as refusal:
        raise FileRefused(_NOT_READ.get(type(refusal), str(refusal))) from refusal


def _own_stamp(uow: UnitOfWork, document: Document, outline: intake.Outline) -> Stamp:
    """Return the stamp by which the file belongs to the document. Raises NotOurs."""
    found = [stamp for text in word.stamps_of(outline) if (stamp := read_stamp(uow.site, text))]
    genuine = [stamp for stamp in found if stamp.genuine]
    if not genuine:
        raise NotOurs(
            "このファイルは別のポータルで保存されたものです。この文書の「Wordで保存」で保存したファイルを直して選んでください。"
            if found
            else "このポータルで保存したWordファイルではないか、文書の目印が失われています。この文書の「Wordで保存」で保存した"
            "ファイルに書き写して選ぶか、このファイルは添付として残してください。"
        )
    if len({stamp.document_id for stamp in genuine}) > 1:
        raise NotOurs(
            "いくつかの文書をつないだファイルです。文書ごとに「Wordで保存」したファイルを直して選んでください。"
        )
    stamp = genuine[0]
    if stamp.document_id != document.public_id:
        raise NotOurs(_another_document(uow, document, stamp.document_id))
    if stamp.is_shared != document.is_shared_edition:
        raise NotOurs(
            "24区共有版から保存したファイルです。所感・経費・氏名などが載っていないため取り込めません。"
            "この文書の「Wordで保存」で全文を保存し、そこに書き写して選んでください。"
        )
    if stamp.version > document.version_number:
        raise NotOurs(
            f"このファイルのもとになった第{stamp.version}版が、この文書にありません。「Wordで保存」からやり直してください。"
        )
    return stamp


def _another_document(uow: UnitOfWork, document: Document, other_id: int) -> str:
    """Name the document a file belongs to, as far as the person may know of it."""
    told = "その文書の画面を開いて取り込んでください。"
    try:
        other = uow.access(other_id, Permission.VIEW)
    except (NotFound, Forbidden):
        return "このファイルは別の文書から保存したものです。" + told
    kind = f"（{other.kind.full_title}）" if other.kind_name != document.kind_name else ""
    return f"このファイルは別の文書「{other.title}」{kind}から保存したものです。{told}"


def _read(
    uow: UnitOfWork, document: Document, version: Version, outline: intake.Outline, stamp: Stamp
) -> word.Returned:
    printed = intake.own_outline(exporting.as_handed_out(uow, document, version))
    returned = word.read_back(document.kind, version.content, printed, outline)
    if not any(text.endswith(f"_{stamp.form}") for text in word.stamps_of(printed)):
        told = "このファイルは前の様式で印刷されています。項目は読み取りましたが、様式の文言の違いが下に並ぶことがあります。"
        returned.warnings.insert(0, told)
    return returned


def _keep(uow: UnitOfWork, document: Document, version: Version, taken: Taken, returned: word.Returned) -> None:
    """Keep what was read for its person; a file read before for the same document makes room."""
    base = version.content
    changed = {
        name: asdict(one) for name, one in returned.fields.items() if one.problem or one.value != _value(base, name)
    }
    told = {
        "fields": changed,
        "comments": [asdict(one) for one in returned.comments],
        "warnings": returned.warnings,
        "seen": document.version_number,
    }
    let_go(uow, document)
    insert_if_absent(
        uow.session,
        Draft,
        account_id=uow.identity.account_id,
        key=_key(document),
        ward_id=document.ward_id,
        kind_name=document.kind_name,
        document_id=document.id,
        base=version.number,
        title=taken.name[:300],
        entries=[
            ["file", json.dumps(asdict(taken), ensure_ascii=False)],
            ["read", json.dumps(told, ensure_ascii=False)],
        ],
        updated_at=now(),
    )


# --- a person looks and chooses -------------------------------------------------------------------------------------------


def pending(uow: UnitOfWork, document: Document) -> Comparison | None:
    """Return what the reader's own file would change in a document they got through `access`, if one waits."""
    row = _row(uow, document)
    if row is None:
        return None
    told = json.loads(dict(row.entries)["read"])
    current = documents.current_version(uow, document)
    base = version_of(uow, document, row.base).content
    return Comparison(
        file_name=row.title,
        base=row.base,
        current=current.number,
        read_at=row.updated_at,
        offered=_offered(document, base, current.content, told["fields"]),
        comments=[word.Comment(**one) for one in told["comments"]],
        warnings=told["warnings"],
    )


def _offered(
    document: Document, base: Content, current: Content, fields: Mapping[str, Mapping[str, Any]]
) -> list[Offered]:
    found = []
    for name in ("title", *document.kind.fields):
        if name not in fields:
            continue
        read = fields[name]
        old, here = _value(base, name), _value(current, name)
        if not read["problem"] and read["value"] == here:
            continue  # the document says so already
        before = _text(document, name, here)
        after = read["text"] if read["problem"] else _text(document, name, read["value"])
        if before == after and not read["problem"]:
            after += "（書式の変更）"
        found.append(
            Offered(
                name=name,
                label=_label(document, name),
                base=_text(document, name, old),
                before=before,
                after=after,
                disputed=old != here,
                problem=read["problem"],
                lines=lines(before, after, cut_words),
                changes=tuple(word.Change(**one) for one in read["changes"]),
                value=read["value"],
            )
        )
    return found


def accept(
    uow: UnitOfWork, document_id: int, *, fields: Sequence[str], base: int, comment: str = "", keeps_file: bool = False
) -> Version:
    """Make a version of the fields a person chose from their file; with none chosen, return the current version.

    `base` is the version the file was saved from, or the one it was compared with. Raises WrongState when the document has
    moved on since that comparison, Invalid for fields that are not offered or do not fit together.
    """
    document = uow.access(document_id, Permission.EDIT)
    uow.hold(document, Permission.EDIT)
    row, found = _row(uow, document), pending(uow, document)
    if row is None or found is None:
        raise WrongState("取り込むWordファイルがありません。もう一度ファイルを選んでください。")
    seen = json.loads(dict(row.entries)["read"])["seen"]
    if base != found.current and not (base == found.base and seen == found.current):
        raise WrongState(
            f"比べたあとに第{found.current}版が保存されました。比べ直した内容を見て、もう一度選んでください。"
        )
    current = documents.current_version(uow, document)
    chosen = _chosen(found, fields)
    if not chosen:
        return current
    version = documents.save_version(
        uow,
        document_id,
        title=_title(document, current.content, chosen),
        typed={**current.content.fields, **{name: value for name, value in chosen.items() if name != "title"}},
        comment=comment.strip() or COMMENT,
        base=current.number,
        from_word=list(chosen),
    )
    if keeps_file:
        attaching.attach_taken(uow, document_id, Taken(**json.loads(dict(row.entries)["file"])))
    let_go(uow, document)
    return version


def _chosen(found: Comparison, fields: Sequence[str]) -> dict[str, Value]:
    offered = {one.name: one for one in found.offered}
    problems = []
    for name in fields:
        one = offered.get(name)
        if one is None:
            problems.append(Problem(f"fields.{name}", name, f"「{name[:60]}」は、ファイルで変わった項目にありません。"))
        elif one.problem:
            problems.append(
                Problem(f"fields.{name}", one.label, f"「{one.label}」は読み取れないため取り込めません。{one.problem}")
            )
    if problems:
        raise Invalid(problems)
    return {name: offered[name].value for name in fields}


def _title(document: Document, current: Content, chosen: Mapping[str, Value]) -> str:
    """Return the title of the new version; empty where it follows from the fields."""
    if "title" in chosen:
        return str(chosen["title"])
    follows = document.kind.layout.title(current.fields) == current.title
    return "" if follows and document.kind.form_number else current.title


def let_go(uow: UnitOfWork, document: Document) -> None:
    """Forget the file that waits; the document stays as it is."""
    drafts.discard(uow, _key(document))


@jobs.tidying
def forget_old_files(site: Site) -> None:
    """Forget files nobody has come back to."""
    with portal_session(site) as session:
        old = Draft.key.startswith(_KEY, autoescape=True), Draft.updated_at < now() - KEPT
        session.execute(delete(Draft).where(*old))
        session.commit()


def _row(uow: UnitOfWork, document: Document) -> Draft | None:
    row = drafts.find(uow, _key(document)) if uow.reader.account_id is not None else None
    return row if row is not None and row.updated_at > now() - KEPT else None


def _key(document: Document) -> str:
    return f"{_KEY}{document.id}"


def _value(content: Content, name: str) -> Value:
    return content.title if name == "title" else content.fields.get(name)


def _text(document: Document, name: str, value: Value) -> str:
    if name == "title" or value is None:
        return str(value or "")
    return document.kind.fields[name].text(value)


def _label(document: Document, name: str) -> str:
    return "題名" if name == "title" else document.kind.fields[name].label
