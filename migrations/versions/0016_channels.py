"""Accounts of channels, what their webhooks bring, what is sent and how far it got."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('channel_account',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default=sa.text("'active'"), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('sealed', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('active','paused','blocked')", name=op.f('ck_channel_account_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_account')),
    sa.UniqueConstraint('channel', 'account', name=op.f('uq_channel_account_channel_account')),
    info={'personal': [], 'keep': 'until it is removed'}
    )
    op.create_table('channel_address',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('last_inbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('free_entry_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('marketing_stopped', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('username', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('channel', 'account', 'address', name=op.f('pk_channel_address')),
    info={'personal': ['address', 'username'], 'keep': 'with its contact'}
    )
    op.create_table('channel_intake',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_intake')),
    info={'personal': ['body'], 'keep': '2 days once it is worked off, 30 days when flagged'}
    )
    op.create_index('ix_channel_intake_received_at', 'channel_intake', ['received_at'], unique=False)
    op.create_index('ix_channel_intake_waiting', 'channel_intake', ['id'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('channel_orphan',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('receipt', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_orphan')),
    sa.UniqueConstraint('channel', 'account', 'provider_id', 'status', name=op.f('uq_channel_orphan_channel_account_provider_id_status')),
    info={'personal': ['provider_id'], 'keep': '1 day'}
    )
    op.create_table('channel_template',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('quality', sa.Text(), nullable=True),
    sa.Column('components', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('synced_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_template')),
    sa.UniqueConstraint('channel', 'account', 'name', 'language', name=op.f('uq_channel_template_channel_account_name_language')),
    info={'personal': [], 'keep': 'as long as the provider lists it'}
    )
    op.create_table('channel_media',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('message_id', sa.UUID(), nullable=False),
    sa.Column('ordinal', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('attachment_id', sa.UUID(), nullable=True),
    sa.Column('state', sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_channel_media_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_media')),
    sa.UniqueConstraint('message_id', 'ordinal', name=op.f('uq_channel_media_message_id_ordinal')),
    info={'personal': ['name', 'source'], 'keep': 'with its message'}
    )
    op.create_index('ix_channel_media_waiting', 'channel_media', ['at'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('channel_send',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('message_id', sa.UUID(), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('parts', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('provider_id', sa.Text(), nullable=True),
    sa.Column('error_class', sa.Text(), nullable=True),
    sa.Column('error_code', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_channel_send_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_send')),
    sa.UniqueConstraint('message_id', 'part', name=op.f('uq_channel_send_message_id_part')),
    info={'personal': ['address', 'provider_id', 'error'], 'keep': 'with its message'}
    )
    op.create_index('ix_channel_send_dead', 'channel_send', ['claimed_at'], unique=False, postgresql_where=sa.text("state IN ('failed','unknown') AND closed_at IS NULL"))
    op.create_index('ix_channel_send_provider', 'channel_send', ['channel', 'account', 'provider_id'], unique=False)
    op.create_index('ix_message_queued', 'message', ['conversation_id', 'channel', 'account', 'seq'], unique=False, postgresql_where=sa.text("delivery = 'queued'"))


def downgrade() -> None:
    op.drop_index('ix_message_queued', table_name='message', postgresql_where=sa.text("delivery = 'queued'"))
    op.drop_index('ix_channel_send_provider', table_name='channel_send')
    op.drop_index('ix_channel_send_dead', table_name='channel_send', postgresql_where=sa.text("state IN ('failed','unknown') AND closed_at IS NULL"))
    op.drop_table('channel_send')
    op.drop_index('ix_channel_media_waiting', table_name='channel_media', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_table('channel_media')
    op.drop_table('channel_template')
    op.drop_table('channel_orphan')
    op.drop_index('ix_channel_intake_waiting', table_name='channel_intake', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index('ix_channel_intake_received_at', table_name='channel_intake')
    op.drop_table('channel_intake')
    op.drop_table('channel_address')
    op.drop_table('channel_account')
