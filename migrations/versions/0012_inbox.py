"""What agents work with: labels, views, notifications, what is read, drafts, what is held back, files of messages, search by words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Words without accents and in small letters; of Chinese and Japanese writing each character is a word (context/search_words.py does the
# same to what is searched).
SEARCH_WORDS = r"""
CREATE FUNCTION search_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT to_tsvector('pg_catalog.simple', regexp_replace(
    regexp_replace(regexp_replace(normalize(lower(said), NFKD), '[\u0300-\u036f]+', '', 'g'), '[^a-z0-9\u0080-\U0010ffff]+', ' ', 'g'),
    '([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])', ' \1 ', 'g'))
$$
"""
SEARCH_PERSON = """
CREATE FUNCTION search_person(name text, email text, phone text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT public.search_words(coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, ''))
$$
"""


def upgrade() -> None:
    op.execute(SEARCH_WORDS)
    op.execute(SEARCH_PERSON)
    op.create_table(
        "label",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint("title", name=op.f("uq_label_title")),
        info={"personal": [], "keep": "until it is deleted"},
    )
    op.create_table(
        "preference",
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_preference_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_preference")),
        info={"personal": ["staff_id"], "keep": "with the account"},
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_view_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        info={"personal": ["staff_id"], "keep": "until it is deleted, or with the account"},
    )
    op.create_index(op.f("ix_saved_view_staff_id"), "saved_view", ["staff_id"], unique=False)
    op.create_table(
        "conversation_label",
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("label_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_conversation_label_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_conversation_label_label_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", "label_id", name=op.f("pk_conversation_label")),
        info={"personal": [], "keep": "with its conversation"},
    )
    op.create_index(op.f("ix_conversation_label_label_id"), "conversation_label", ["label_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_draft_conversation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_draft_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "conversation_id", name=op.f("pk_draft")),
        info={"personal": ["text", "body"], "keep": "until it is sent or emptied; 30 days after the last change"},
    )
    op.create_index(op.f("ix_draft_conversation_id"), "draft", ["conversation_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=True),
        sa.Column("by_id", sa.UUID(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_notification_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_notification_conversation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notification_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        info={"personal": ["staff_id", "by_id"], "keep": "90 days"},
    )
    op.create_index(op.f("ix_notification_conversation_id"), "notification", ["conversation_id"], unique=False)
    op.create_index("ix_notification_unread", "notification", ["staff_id", "at"], unique=False, postgresql_where=sa.text("read_at IS NULL"))
    op.create_table(
        "outgoing",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state IN ('held','sent','undone','refused')", name=op.f("ck_outgoing_state")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_outgoing_conversation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_outgoing_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
        sa.UniqueConstraint("staff_id", "client_id", name=op.f("uq_outgoing_staff_id_client_id")),
        info={"personal": ["text", "body", "staff_id"], "keep": "30 days after it was settled"},
    )
    op.create_index(op.f("ix_outgoing_conversation_id"), "outgoing", ["conversation_id"], unique=False)
    op.create_index("ix_outgoing_held", "outgoing", ["send_at"], unique=False, postgresql_where=sa.text("state = 'held'"))
    op.create_table(
        "read_state",
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_read_state_conversation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_read_state_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "conversation_id", name=op.f("pk_read_state")),
        info={"personal": ["staff_id"], "keep": "with its conversation"},
    )
    op.create_index(op.f("ix_read_state_conversation_id"), "read_state", ["conversation_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=True),
        sa.Column("conversation_id", sa.UUID(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_attachment_conversation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_attachment_message_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        info={"personal": ["name", "owner"], "keep": "with its message; a day when it was never sent"},
    )
    op.create_index(op.f("ix_attachment_conversation_id"), "attachment", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_attachment_message_id"), "attachment", ["message_id"], unique=False)
    op.create_index(
        "ix_contact_search",
        "contact",
        [sa.literal_column("search_person(name, email, phone)")],
        unique=False,
        postgresql_using="gin",
    )
    op.add_column("conversation", sa.Column("merged_into_id", sa.UUID(), nullable=True))
    op.create_index(op.f("ix_conversation_merged_into_id"), "conversation", ["merged_into_id"], unique=False)
    op.create_index(
        "ix_conversation_resolved", "conversation", ["resolved_at", "id"], unique=False, postgresql_where=sa.text("status = 'resolved'")
    )
    op.create_foreign_key(
        op.f("fk_conversation_merged_into_id"), "conversation", "conversation", ["merged_into_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_message_search", "message", [sa.literal_column("search_words(text)")], unique=False, postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_message_search", table_name="message", postgresql_using="gin")
    op.drop_constraint(op.f("fk_conversation_merged_into_id"), "conversation", type_="foreignkey")
    op.drop_index("ix_conversation_resolved", table_name="conversation", postgresql_where=sa.text("status = 'resolved'"))
    op.drop_index(op.f("ix_conversation_merged_into_id"), table_name="conversation")
    op.drop_column("conversation", "merged_into_id")
    op.drop_index("ix_contact_search", table_name="contact", postgresql_using="gin")
    op.drop_index(op.f("ix_attachment_message_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_conversation_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(op.f("ix_read_state_conversation_id"), table_name="read_state")
    op.drop_table("read_state")
    op.drop_index("ix_outgoing_held", table_name="outgoing", postgresql_where=sa.text("state = 'held'"))
    op.drop_index(op.f("ix_outgoing_conversation_id"), table_name="outgoing")
    op.drop_table("outgoing")
    op.drop_index("ix_notification_unread", table_name="notification", postgresql_where=sa.text("read_at IS NULL"))
    op.drop_index(op.f("ix_notification_conversation_id"), table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_draft_conversation_id"), table_name="draft")
    op.drop_table("draft")
    op.drop_index(op.f("ix_conversation_label_label_id"), table_name="conversation_label")
    op.drop_table("conversation_label")
    op.drop_index(op.f("ix_saved_view_staff_id"), table_name="saved_view")
    op.drop_table("saved_view")
    op.drop_table("preference")
    op.drop_table("label")
    op.execute("DROP FUNCTION search_person(text, text, text)")
    op.execute("DROP FUNCTION search_words(text)")
