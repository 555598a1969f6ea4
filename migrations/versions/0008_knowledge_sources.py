"""Sources of articles, the runs that read them, and which article came from where."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('knowledge_source',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('location', sa.Text(), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('publish', sa.Boolean(), nullable=False),
    sa.Column('every_hours', sa.Float(), nullable=True),
    sa.Column('unasked', sa.Boolean(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by_id', sa.Text(), nullable=False),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('files', 'upload', 'site', 'zendesk')", name=op.f('ck_knowledge_source_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_source')),
    sa.UniqueConstraint('kind', 'location', name=op.f('uq_knowledge_source_kind_location')),
    info={'personal': ['by_id', 'by_name'], 'keep': 'until somebody removes the source'}
    )
    op.create_index(op.f('ix_knowledge_source_next_at'), 'knowledge_source', ['next_at'], unique=False)
    op.create_table('knowledge_import',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('source_id', sa.UUID(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('worker', sa.Boolean(), nullable=False),
    sa.Column('scheduled', sa.Boolean(), nullable=False),
    sa.Column('unasked', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Text(), nullable=False),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('counts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('asked', 'reading', 'ready', 'approved', 'applying', 'done', 'failed', 'dropped')", name=op.f('ck_knowledge_import_state')),
    sa.ForeignKeyConstraint(['source_id'], ['knowledge_source.id'], name=op.f('fk_knowledge_import_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_import')),
    info={'personal': ['by_id', 'by_name'], 'keep': 'the newest 20 of each source'}
    )
    op.create_index('ix_knowledge_import_asked_at', 'knowledge_import', ['asked_at'], unique=False)
    op.create_index(op.f('ix_knowledge_import_source_id'), 'knowledge_import', ['source_id'], unique=False)
    op.create_index('uq_knowledge_import_open', 'knowledge_import', ['source_id'], unique=True, postgresql_where=sa.text("state IN ('asked', 'reading', 'ready', 'approved', 'applying')"))
    op.create_table('knowledge_source_file',
    sa.Column('source_id', sa.UUID(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['knowledge_source.id'], name=op.f('fk_knowledge_source_file_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_knowledge_source_file')),
    info={'personal': [], 'keep': 'until somebody removes the source, or uploads it anew'}
    )
    op.create_table('knowledge_source_link',
    sa.Column('source_id', sa.UUID(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('group', sa.Text(), nullable=False),
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['knowledge_article.id'], name=op.f('fk_knowledge_source_link_article_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['knowledge_source.id'], name=op.f('fk_knowledge_source_link_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source_id', 'key', name=op.f('pk_knowledge_source_link')),
    info={'personal': [], 'keep': 'until somebody removes the source'}
    )
    op.create_index('ix_knowledge_source_link_article', 'knowledge_source_link', ['article_id', 'language'], unique=False)
    op.create_table('knowledge_import_item',
    sa.Column('number', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('import_id', sa.UUID(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('notes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('changes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('removed', sa.Integer(), nullable=False),
    sa.Column('take', sa.Boolean(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('read', 'new', 'changed', 'unchanged', 'conflict', 'skipped', 'gone')", name=op.f('ck_knowledge_import_item_state')),
    sa.ForeignKeyConstraint(['import_id'], ['knowledge_import.id'], name=op.f('fk_knowledge_import_item_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_knowledge_import_item')),
    info={'personal': [], 'keep': 'with its import'}
    )
    op.create_index('ix_knowledge_import_item_state', 'knowledge_import_item', ['import_id', 'state'], unique=False)
    op.create_table('knowledge_import_place',
    sa.Column('number', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('import_id', sa.UUID(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['knowledge_import.id'], name=op.f('fk_knowledge_import_place_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_knowledge_import_place')),
    sa.UniqueConstraint('import_id', 'key', name=op.f('uq_knowledge_import_place_import_id_key')),
    info={'personal': [], 'keep': 'with its import'}
    )


def downgrade() -> None:
    for name in (
        'knowledge_import_place', 'knowledge_import_item', 'knowledge_source_link', 'knowledge_source_file', 'knowledge_import', 'knowledge_source'
    ):
        op.drop_table(name)
