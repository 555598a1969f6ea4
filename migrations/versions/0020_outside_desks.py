"""Desks outside Baton, each with the colleague who stands for its people."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'outside_desk',
        sa.Column('channel', sa.Text(), nullable=False),
        sa.Column('account', sa.Text(), nullable=False),
        sa.Column('staff_id', sa.Uuid(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_outside_desk_staff_id_staff'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('channel', 'account', name=op.f('pk_outside_desk')),
    )
    op.create_index(op.f('ix_outside_desk_staff_id'), 'outside_desk', ['staff_id'])


def downgrade() -> None:
    op.drop_table('outside_desk')
