"""Which messages went out in one mail."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_send", sa.Column("carrier", sa.Uuid(), nullable=True))
    op.create_index("ix_channel_send_carrier", "channel_send", ["carrier"], postgresql_where=sa.text("carrier IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_channel_send_carrier", "channel_send")
    op.drop_column("channel_send", "carrier")
