"""Deliveries that providers name, customers who block an account, and handles with which one answer is free."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('channel_intake', sa.Column('delivery', sa.Text(), nullable=True))
    op.create_index('uq_channel_intake_delivery', 'channel_intake', ['channel', 'account', 'delivery'], unique=True, postgresql_where=sa.text('delivery IS NOT NULL'))
    op.add_column('channel_send', sa.Column('once', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('channel_address', sa.Column('blocked', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('channel_address', sa.Column('blocked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('channel_address', sa.Column('reply_handle', sa.Text(), nullable=True))
    op.add_column('channel_address', sa.Column('reply_until', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ('reply_until', 'reply_handle', 'blocked_at', 'blocked'):
        op.drop_column('channel_address', column)
    op.drop_column('channel_send', 'once')
    op.drop_index('uq_channel_intake_delivery', table_name='channel_intake')
    op.drop_column('channel_intake', 'delivery')
