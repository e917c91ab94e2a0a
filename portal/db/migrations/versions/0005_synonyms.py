"""What a site changes about the synonym groups.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import context, op

from portal.db import rowsecurity
from portal.db.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Synonyms."""
    op.create_table(
        "synonym_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("related", sa.JSON(), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_change")),
    )
    op.create_index("ix_synonym_change_key", "synonym_change", ["key", "id"], unique=False)
    role = context.config.attributes["role"]
    rowsecurity.grant("synonym_change", role, append_only=True)
    rowsecurity.grant_sequences(role)
