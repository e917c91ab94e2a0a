"""Word templates that offices upload.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import context, op

from portal.db import rowsecurity
from portal.db.base import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Templates."""
    op.create_table(
        "word_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("in_force_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_word_template_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_template")),
    )
    op.create_index("ix_word_template_form", "word_template", ["form", "ward_id"], unique=False)
    role = context.config.attributes["role"]
    rowsecurity.protect_template(role)
    rowsecurity.grant_sequences(role)
