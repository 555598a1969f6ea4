"""The help centre's answers to "was this helpful", titles of categories, strict mode, and what the generator used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('help_feedback',
    sa.Column('visitor_hash', sa.Text(), nullable=False),
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('helped', sa.Boolean(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('visitor_hash', 'article_id', 'language', 'version', name=op.f('pk_help_feedback')),
    info={'personal': ['visitor_hash', 'comment'], 'keep': '730 days'}
    )
    op.create_index('ix_help_feedback_article', 'help_feedback', ['article_id', 'at'], unique=False)
    op.create_table('knowledge_category',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('titles', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('strict', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('place', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_knowledge_category')),
    info={'personal': [], 'keep': 'until an editor removes it'}
    )
    op.create_table('knowledge_policy',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('strict', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('changed_by', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_knowledge_policy_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_policy')),
    info={'personal': ['changed_by'], 'keep': 'for ever: one row'}
    )
    op.create_table('generator_use',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('requests', sa.Integer(), nullable=False),
    sa.Column('tokens_in', sa.BigInteger(), nullable=False),
    sa.Column('tokens_out', sa.BigInteger(), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_generator_use')),
    info={'personal': [], 'keep': '730 days'}
    )


def downgrade() -> None:
    for name in ('generator_use', 'knowledge_policy', 'knowledge_category', 'help_feedback'):
        op.drop_table(name)
