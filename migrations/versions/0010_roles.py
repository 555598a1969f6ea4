"""Custom roles, links to choose a password, limits and use of tokens and sessions, and the record of changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('custom_role',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('permissions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_custom_role')),
    info={'personal': [], 'keep': 'until somebody removes it'}
    )
    op.create_table('password_link',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_password_link_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_password_link')),
    info={'personal': ['staff_id'], 'keep': 'until it is used or expires'}
    )
    op.create_index(op.f('ix_password_link_staff_id'), 'password_link', ['staff_id'], unique=False)
    op.create_table('audit_entry',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('actor_id', sa.Text(), nullable=False),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('subject_name', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    info={'personal': ['actor_id', 'actor_name', 'subject_id', 'subject_name', 'details'], 'keep': '730 days'}
    )
    op.create_index(op.f('ix_audit_entry_at'), 'audit_entry', ['at'], unique=False)
    op.create_index('ix_audit_entry_subject', 'audit_entry', ['subject_kind', 'subject_id'], unique=False)
    op.add_column('staff', sa.Column('temporary', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('staff_session', sa.Column('id', sa.UUID(), server_default=sa.text('gen_random_uuid()'), nullable=False))
    op.add_column('staff_session', sa.Column('device', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('staff_session', sa.Column('used_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False))
    op.create_unique_constraint(op.f('uq_staff_session_id'), 'staff_session', ['id'])
    op.add_column('api_token', sa.Column('id', sa.UUID(), server_default=sa.text('gen_random_uuid()'), nullable=False))
    op.add_column('api_token', sa.Column('permissions', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('api_token', sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('api_token', sa.Column('used_at', sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f('uq_api_token_id'), 'api_token', ['id'])


def downgrade() -> None:
    for column in ('used_at', 'expires_at', 'permissions', 'id'):
        op.drop_column('api_token', column)
    for column in ('used_at', 'device', 'id'):
        op.drop_column('staff_session', column)
    op.drop_column('staff', 'temporary')
    for name in ('audit_entry', 'password_link', 'custom_role'):
        op.drop_table(name)
