"""The bytes of pictures and attachments that an import found, and which of them each imported text had."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "knowledge_source_link",
        sa.Column("files", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_table(
        "knowledge_import_file",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["knowledge_import.id"], name=op.f("fk_knowledge_import_file_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "digest", name=op.f("pk_knowledge_import_file")),
    )


def downgrade() -> None:
    op.drop_table("knowledge_import_file")
    op.drop_column("knowledge_source_link", "files")
