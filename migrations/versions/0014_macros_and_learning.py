"""Macros, what suggestions were made from, replies learned from conversations, and versions of what orders suggestions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
NOW = sa.text('clock_timestamp()')


def upgrade() -> None:
    op.create_table('macro',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('bodies', JSON, nullable=False),
    sa.Column('questions', JSON, server_default=sa.text("'[]'"), nullable=False),
    sa.Column('actions', JSON, server_default=sa.text("'[]'"), nullable=False),
    sa.Column('audience', sa.Text(), server_default=sa.text("'everyone'"), nullable=False),
    sa.Column('teams', JSON, server_default=sa.text("'[]'"), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('used_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    sa.CheckConstraint("audience IN ('everyone','teams','owner')", name=op.f('ck_macro_audience')),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name=op.f('fk_macro_owner_id_staff'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_macro')),
    info={'personal': ['owner_id'], 'keep': 'until somebody removes it'}
    )
    op.add_column('suggestion', sa.Column('origin', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('suggestion', sa.Column('internal', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('suggestion', sa.Column('features', JSON, server_default=sa.text("'{}'"), nullable=False))
    op.add_column('suggestion', sa.Column('ranker', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('suggestion', sa.Column('distance', sa.Integer(), nullable=True))
    op.create_index('ix_suggestion_settled_at', 'suggestion', ['settled_at'], unique=False)
    op.create_table('learned_reply',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('hidden', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learned_reply')),
    info={'personal': [], 'keep': 'until its last example is erased, or 730 days after its last use'}
    )
    op.create_index('uq_learned_reply_key', 'learned_reply', ['language', 'key'], unique=True)
    op.create_table('learned_example',
    sa.Column('message_id', sa.UUID(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('reply_id', sa.UUID(), nullable=False),
    sa.Column('conversation_id', sa.UUID(), nullable=False),
    sa.Column('staff_id', sa.UUID(), nullable=True),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.Column('encoder', sa.Text(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_learned_example_conversation_id_conversation'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_learned_example_message_id_message'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reply_id'], ['learned_reply.id'], name=op.f('fk_learned_example_reply_id_learned_reply'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_learned_example_staff_id_staff'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_learned_example')),
    sa.UniqueConstraint('number', name=op.f('uq_learned_example_number')),
    info={'personal': ['staff_id'], 'keep': '730 days, and erased with its conversation'}
    )
    op.create_index(op.f('ix_learned_example_reply_id'), 'learned_example', ['reply_id'], unique=False)
    op.create_index(op.f('ix_learned_example_conversation_id'), 'learned_example', ['conversation_id'], unique=False)
    op.create_table('suggestion_ranker',
    sa.Column('version', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('weights', JSON, nullable=False),
    sa.Column('figures', JSON, server_default=sa.text("'{}'"), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_suggestion_ranker')),
    info={'personal': [], 'keep': 'the newest 50 versions'}
    )
    op.create_table('suggestion_ranker_activation',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.UUID(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_suggestion_ranker_activation_staff_id_staff'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_ranker_activation')),
    info={'personal': ['staff_id'], 'keep': '730 days'}
    )


def downgrade() -> None:
    for name in ('suggestion_ranker_activation', 'suggestion_ranker', 'learned_example', 'learned_reply', 'macro'):
        op.drop_table(name)
    op.drop_index('ix_suggestion_settled_at', 'suggestion')
    for name in ('distance', 'ranker', 'features', 'internal', 'origin'):
        op.drop_column('suggestion', name)
