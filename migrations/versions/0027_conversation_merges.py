"""Merges of two conversations, with what is needed to undo them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["conversation.id"], name=op.f("fk_conversation_merge_source_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["into_id"], ["conversation.id"], name=op.f("fk_conversation_merge_into_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_conversation_merge_staff_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_conversation_merge_undone_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_merge")),
    )
    op.create_index(op.f("ix_conversation_merge_source_id"), "conversation_merge", ["source_id"])
    op.create_index(op.f("ix_conversation_merge_into_id"), "conversation_merge", ["into_id"])


def downgrade() -> None:
    op.drop_table("conversation_merge")
