"""Calibrations were fitted to other evidence than the contrast with attached questions: they are asked for anew."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_FORGET = """
UPDATE knowledge_index SET calibrations = '{}', calibration_asked_at = coalesce(calibration_asked_at, now()) WHERE calibrations <> '{}'
"""


def upgrade() -> None:
    op.execute(_FORGET)


def downgrade() -> None:
    op.execute(_FORGET)
