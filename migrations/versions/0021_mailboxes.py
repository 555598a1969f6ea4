"""How far each mailbox was read."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'channel_mailbox',
        sa.Column('account', sa.Text(), nullable=False),
        sa.Column('folder', sa.Text(), nullable=False),
        sa.Column('validity', sa.BigInteger(), nullable=False),
        sa.Column('last_uid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('read_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('account', 'folder', name=op.f('pk_channel_mailbox')),
    )


def downgrade() -> None:
    op.drop_table('channel_mailbox')
