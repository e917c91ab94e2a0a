"""What was answered about personal words before sharing.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import context, op

from portal.db import rowsecurity
from portal.db.base import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Answers, seen by those who see the full document and only ever added."""
    op.create_table(
        "personal_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ward_id", "document_id"], ["document.ward_id", "document.id"], name=op.f("fk_personal_answer_ward_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_answer")),
    )
    op.create_index("ix_personal_answer_document", "personal_answer", ["ward_id", "document_id"], unique=False)
    role = context.config.attributes["role"]
    rowsecurity.protect_part("personal_answer", role, append_only=True)
    rowsecurity.grant_sequences(role)
