"""Call-back requests, what a waiting customer was told, and a key that stops a person's message from being stored twice."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.UUID(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('email','phone')", name=op.f("ck_callback_kind")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_callback_closed_by")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_callback_contact_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_callback_conversation_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback")),
        info={"personal": ["address"], "keep": "730 days after resolution of its conversation"},
    )
    op.create_index("ix_callback_contact_id", "callback", ["contact_id"], unique=False)
    op.create_index("ix_callback_conversation_id", "callback", ["conversation_id"], unique=False)
    op.create_index("uq_callback_one_open", "callback", ["conversation_id"], unique=True, postgresql_where=sa.text("closed_at IS NULL"))
    op.add_column("handoff", sa.Column("place", sa.Integer(), nullable=True))
    op.add_column("handoff", sa.Column("told_place", sa.Integer(), nullable=True))
    op.add_column("handoff", sa.Column("told_seconds", sa.Integer(), nullable=True))
    op.add_column("handoff", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("sent_key", sa.UUID(), nullable=True))
    op.create_index("uq_message_sent_key", "message", ["sent_key"], unique=True, postgresql_where=sa.text("sent_key IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("uq_message_sent_key", table_name="message")
    op.drop_column("message", "sent_key")
    for column in ("told_at", "told_seconds", "told_place", "place"):
        op.drop_column("handoff", column)
    op.drop_table("callback")
