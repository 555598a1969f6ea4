"""When the confidence of answers was calibrated last, and since when somebody waits for a new calibration."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("knowledge_index", sa.Column("calibration_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("knowledge_index", sa.Column("calibrated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("knowledge_index", "calibrated_at")
    op.drop_column("knowledge_index", "calibration_asked_at")
