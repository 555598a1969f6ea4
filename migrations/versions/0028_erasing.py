"""Contacts whose data was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contact", sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_contact_erased", "contact", ["erased_at"], postgresql_where=sa.text("erased_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_contact_erased", "contact")
    op.drop_column("contact", "swept_at")
    op.drop_column("contact", "erased_at")
