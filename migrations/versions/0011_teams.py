"""Teams, skills, capacity, hours, routing rules; service levels and alerts; where a conversation stands in the queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('routing_rules',
    sa.Column('version', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_routing_rules')),
    info={'personal': ['author'], 'keep': 'all versions, until deleted'}
    )
    op.create_table('team',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('time_zone', sa.Text(), server_default=sa.text("'UTC'"), nullable=False),
    sa.Column('hours', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('auto_assign', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('key', name=op.f('uq_team_key')),
    info={'personal': [], 'keep': 'until deleted'}
    )
    op.create_table('sla_policy',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('place', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('team_id', sa.UUID(), nullable=True),
    sa.Column('least_priority', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('first_response', sa.Integer(), nullable=True),
    sa.Column('next_response', sa.Integer(), nullable=True),
    sa.Column('resolution', sa.Integer(), nullable=True),
    sa.Column('business_hours', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('warn_percent', sa.Integer(), server_default=sa.text('75'), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_sla_policy_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_policy')),
    info={'personal': [], 'keep': 'until deleted'}
    )
    op.create_index('ix_sla_policy_place', 'sla_policy', ['place'], unique=False)
    op.create_table('staff_capacity',
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.CheckConstraint('most BETWEEN 0 AND 200', name=op.f('ck_staff_capacity_most')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_capacity_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'channel', name=op.f('pk_staff_capacity')),
    info={'personal': ['staff_id'], 'keep': 'with the account'}
    )
    op.create_table('staff_skill',
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('level', sa.Integer(), server_default=sa.text('2'), nullable=False),
    sa.CheckConstraint("kind IN ('language','product')", name=op.f('ck_staff_skill_kind')),
    sa.CheckConstraint('level BETWEEN 1 AND 3', name=op.f('ck_staff_skill_level')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_skill_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'kind', 'name', name=op.f('pk_staff_skill')),
    info={'personal': ['staff_id'], 'keep': 'with the account'}
    )
    op.create_table('team_holiday',
    sa.Column('team_id', sa.UUID(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('spans', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_holiday_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'day', name=op.f('pk_team_holiday')),
    info={'personal': [], 'keep': 'with its team'}
    )
    op.create_table('team_member',
    sa.Column('team_id', sa.UUID(), nullable=False),
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('level', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 3', name=op.f('ck_team_member_level')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_team_member_staff_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_member_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'staff_id', name=op.f('pk_team_member')),
    info={'personal': ['staff_id'], 'keep': 'with the account'}
    )
    op.create_index(op.f('ix_team_member_staff_id'), 'team_member', ['staff_id'], unique=False)
    op.create_table('alert',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('conversation_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('severity', sa.Integer(), nullable=False),
    sa.Column('detail', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('message_id', sa.UUID(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.UUID(), nullable=True),
    sa.ForeignKeyConstraint(['acknowledged_by'], ['staff.id'], name=op.f('fk_alert_acknowledged_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_alert_conversation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert')),
    info={'personal': ['detail'], 'keep': 'with its conversation'}
    )
    op.create_index('ix_alert_at', 'alert', ['at'], unique=False)
    op.create_index('uq_alert_one_standing', 'alert', ['conversation_id', 'kind'], unique=True, postgresql_where=sa.text('acknowledged_at IS NULL'))
    op.create_table('sla_clock',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('conversation_id', sa.UUID(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('team_id', sa.UUID(), nullable=True),
    sa.Column('started_seq', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('target_seconds', sa.Integer(), nullable=False),
    sa.Column('business_hours', sa.Boolean(), nullable=False),
    sa.Column('warn_percent', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('warn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('left_seconds', sa.Integer(), nullable=True),
    sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('breached_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.CheckConstraint("metric IN ('first_response','next_response','resolution')", name=op.f('ck_sla_clock_metric')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_sla_clock_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_sla_clock_team_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_clock')),
    sa.UniqueConstraint('conversation_id', 'metric', 'started_seq', name=op.f('uq_sla_clock_conversation_id_metric_started_seq')),
    info={'personal': [], 'keep': 'with its conversation'}
    )
    op.create_index('ix_sla_clock_ended', 'sla_clock', ['ended_at'], unique=False)
    op.create_index('ix_sla_clock_running', 'sla_clock', ['warn_at'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.add_column('conversation', sa.Column('team_id', sa.UUID(), nullable=True))
    op.add_column('conversation', sa.Column('priority', sa.Integer(), server_default=sa.text('1'), nullable=False))
    op.add_column('conversation', sa.Column('queue_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('conversation', sa.Column('routed_epoch', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('conversation', sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('conversation', sa.Column('due_metric', sa.Text(), nullable=True))
    op.create_index(op.f('ix_conversation_due_at'), 'conversation', ['due_at'], unique=False)
    op.create_index(op.f('ix_conversation_team_id'), 'conversation', ['team_id'], unique=False)
    op.create_foreign_key(op.f('fk_conversation_team_id'), 'conversation', 'team', ['team_id'], ['id'], ondelete='SET NULL')


def downgrade() -> None:
    op.drop_constraint(op.f('fk_conversation_team_id'), 'conversation', type_='foreignkey')
    op.drop_index(op.f('ix_conversation_team_id'), table_name='conversation')
    op.drop_index(op.f('ix_conversation_due_at'), table_name='conversation')
    op.drop_column('conversation', 'due_metric')
    op.drop_column('conversation', 'due_at')
    op.drop_column('conversation', 'routed_epoch')
    op.drop_column('conversation', 'queue_at')
    op.drop_column('conversation', 'priority')
    op.drop_column('conversation', 'team_id')
    op.drop_index('ix_sla_clock_running', table_name='sla_clock', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_sla_clock_ended', table_name='sla_clock')
    op.drop_table('sla_clock')
    op.drop_index('uq_alert_one_standing', table_name='alert', postgresql_where=sa.text('acknowledged_at IS NULL'))
    op.drop_index('ix_alert_at', table_name='alert')
    op.drop_table('alert')
    op.drop_index(op.f('ix_team_member_staff_id'), table_name='team_member')
    op.drop_table('team_member')
    op.drop_table('team_holiday')
    op.drop_table('staff_skill')
    op.drop_table('staff_capacity')
    op.drop_index('ix_sla_policy_place', table_name='sla_policy')
    op.drop_table('sla_policy')
    op.drop_table('team')
    op.drop_table('routing_rules')
