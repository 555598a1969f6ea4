"""Which article each generation of the search index changed, and which encoder the index is served from."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('knowledge_change',
    sa.Column('generation', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('article_id', sa.Text(), nullable=True),
    sa.Column('everything', sa.Boolean(), nullable=False),
    sa.Column('token', sa.UUID(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.PrimaryKeyConstraint('generation', name=op.f('pk_knowledge_change')),
    info={'personal': [], 'keep': 'the newest 10,000'}
    )
    op.add_column('knowledge_index', sa.Column('encoder', sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column('knowledge_index', 'encoder')
    op.drop_table('knowledge_change')
