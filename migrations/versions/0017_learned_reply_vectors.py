"""The vectors of learned replies."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('learned_reply', sa.Column('vector', sa.LargeBinary(), server_default=sa.text("''"), nullable=False))
    op.add_column('learned_reply', sa.Column('encoder', sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column('learned_reply', 'encoder')
    op.drop_column('learned_reply', 'vector')
