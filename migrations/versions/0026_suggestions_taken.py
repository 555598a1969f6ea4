"""When a suggestion was copied, to be sent at an outside desk; internal ones by who saw them."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("suggestion", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_suggestion_internal", "suggestion", ["staff_id", "shown_at"], postgresql_where=sa.text("internal"))


def downgrade() -> None:
    op.drop_index("ix_suggestion_internal", "suggestion")
    op.drop_column("suggestion", "taken_at")
