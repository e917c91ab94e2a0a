"""Documents, their versions, the acts done to them and their attached files."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from portal.db.audiences import Audience, readable_by
from portal.db.base import Base, UtcDateTime, WardContent, now
from portal.db.session import guarded
from portal.kinds import Content, Kind, find_kind
from portal.security.policy import LocalRole
from portal.security.workflows import Edition


@guarded
class Document(WardContent, Base):
    """One document of one ward, or its shared edition (`edition` "shared", `source_id` the document it was cut from).

    `audience` holds its readers, recomputed by the services whenever state, local roles or place change. Everything a
    list shows or filters by stands here; the text is in the versions.
    """

    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    kind_name: Mapped[str]
    edition: Mapped[str] = mapped_column(default=Edition.FULL.value)
    source_id: Mapped[int | None]
    state: Mapped[str]
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"))
    number: Mapped[str | None]
    title: Mapped[str]
    version_number: Mapped[int] = mapped_column(default=0)
    held_on: Mapped[date | None]
    fiscal_year: Mapped[int]
    body_name: Mapped[str] = mapped_column(default="")
    items: Mapped[str] = mapped_column(default="")
    has_decision: Mapped[bool] = mapped_column(default=False)
    has_issue: Mapped[bool] = mapped_column(default=False)
    local_grants: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_by: Mapped[int | None]
    updated_by_name: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    handed_over_by: Mapped[int | None]
    confirmed_by_name: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_on: Mapped[date | None]
    office: Mapped[str] = mapped_column(default="")
    contractors: Mapped[str] = mapped_column(default="")
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changes: Mapped[int] = mapped_column(default=0)

    audience: Mapped[Audience] = relationship()

    __mapper_args__ = {"version_id_col": changes}
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        UniqueConstraint("number", "edition"),
        ForeignKeyConstraint(["ward_id", "source_id"], ["document.ward_id", "document.id"]),
        Index("ix_document_ward_list", "ward_id", "held_on", "id"),
        Index("ix_document_ward_state", "ward_id", "state"),
        Index("ix_document_list", "held_on", "id"),
        Index("ix_document_source", "source_id"),
        Index("ix_document_body", "ward_id", "body_name", "held_on"),
    )

    @classmethod
    def reader_criterion(cls, tokens: frozenset[str], _: int) -> ColumnElement[bool]:
        """Only documents whose audience holds one of the reader's tokens."""
        return cls.audience_id.in_(readable_by(tokens))

    @property
    def public_id(self) -> int:
        """The id people and the API use: one address for a document, whichever edition a reader meets."""
        return self.source_id or self.id

    @property
    def kind(self) -> Kind:
        """The kind's declaration."""
        kind = find_kind(self.kind_name)
        assert kind is not None, f"kind {self.kind_name!r} is not declared"
        return kind

    @property
    def workflow_name(self) -> str:
        """The workflow the policy reads."""
        return self.kind.workflow

    @property
    def deleted(self) -> bool:
        """Whether the document was deleted."""
        return self.deleted_at is not None

    @property
    def local_roles(self) -> tuple[tuple[str, LocalRole], ...]:
        """Pairs of principal token and local role."""
        return tuple((principal, LocalRole(role)) for principal, role in self.local_grants)

    @property
    def hands(self) -> frozenset[int]:
        """Accounts that made the document, wrote its current version or handed it over: none of them may confirm it."""
        return frozenset(one for one in (self.created_by, self.updated_by, self.handed_over_by) if one is not None)

    @property
    def is_shared_edition(self) -> bool:
        """Whether this is the edition cut for the other wards."""
        return self.edition == Edition.SHARED


class DocumentPart(WardContent):
    """A row that belongs to one document and is seen by those who see it."""

    document_id: Mapped[int]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        return (
            ForeignKeyConstraint(["ward_id", "document_id"], ["document.ward_id", "document.id"]),
            *cls.more_table_args(),
        )

    @classmethod
    def more_table_args(cls) -> tuple[Any, ...]:
        """Further keys and indexes of the table."""
        return ()

    @classmethod
    def reader_criterion(cls, tokens: frozenset[str], _: int) -> ColumnElement[bool]:
        """Only parts of documents the reader may see."""
        whole = Document.__table__.alias("whole")  # one row by its key, however many documents there are
        seen = select(whole.c.id).where(whole.c.id == cls.document_id, whole.c.audience_id.in_(readable_by(tokens)))
        return seen.correlate_except(whole).exists()


@guarded
class Version(DocumentPart, Base):
    """One whole version of a document's content. Never changed; `restored_from` names the version it brings back."""

    __tablename__ = "version"
    append_only = True
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    document_id: Mapped[int]
    number: Mapped[int]
    content_json: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int | None]
    author_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    restored_from: Mapped[int | None]

    @classmethod
    def more_table_args(cls) -> tuple[Any, ...]:
        return (UniqueConstraint("ward_id", "document_id", "number"),)

    @cached_property
    def content(self) -> Content:
        """The content, read from its canonical JSON."""
        return Content.from_json(self.content_json)


@guarded
class Act(DocumentPart, Base):
    """One transition that was done to a document: who, when, from where to where, with what comment."""

    __tablename__ = "act"
    append_only = True
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    document_id: Mapped[int]
    transition: Mapped[str]
    source_state: Mapped[str]
    target_state: Mapped[str]
    version_number: Mapped[int]
    comment: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    actor_role: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def more_table_args(cls) -> tuple[Any, ...]:
        return (Index("ix_act_document", "ward_id", "document_id"),)


@guarded
class Attachment(DocumentPart, Base):
    """One file attached to a document. The bytes are a blob; `text` is what could be read out of them.

    `shareable` says that the file goes with the shared edition. `text_status` is `ok`, or why there is no text.
    """

    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    document_id: Mapped[int]
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    shareable: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(default="", deferred=True)
    text_status: Mapped[str]
    text_message: Mapped[str] = mapped_column(default="")
    properties: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, deferred=True)
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def more_table_args(cls) -> tuple[Any, ...]:
        return (Index("ix_attachment_document", "ward_id", "document_id"), Index("ix_attachment_sha256", "sha256"))


class Blob(Base):
    """One stored file, named by its SHA-256. Who may read it is asked of its attachments, never of the blob."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


@guarded
class Draft(WardContent, Base):
    """What one person has typed and not yet saved: the autosaved form, kept apart from versions.

    `key` is `document-<id>` or `new-<nonce>`; `entries` are the raw name-value pairs of the form.
    """

    __tablename__ = "draft"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    ward_id: Mapped[str]
    kind_name: Mapped[str]
    document_id: Mapped[int | None]
    base: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(default="")
    entries: Mapped[list[list[str]]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (ForeignKeyConstraint(["ward_id", "document_id"], ["document.ward_id", "document.id"]),)

    @classmethod
    def reader_criterion(cls, _: frozenset[str], account_id: int) -> ColumnElement[bool]:
        """Only the reader's own drafts."""
        return cls.account_id == account_id
