"""The questions that customers ask an article with; how much has changed since the confidence was calibrated."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    questions = sa.Column('questions', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False)
    op.add_column('knowledge_version', questions)
    uncalibrated = sa.Column('uncalibrated', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    op.add_column('knowledge_index', uncalibrated)


def downgrade() -> None:
    op.drop_column('knowledge_index', 'uncalibrated')
    op.drop_column('knowledge_version', 'questions')
