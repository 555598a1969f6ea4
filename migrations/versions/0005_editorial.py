"""Review, owner, dates, translations, attachments and unsaved text of articles; what was retired is called archived."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f('ck_knowledge_article_status'), 'knowledge_article', type_='check')
    op.execute("UPDATE knowledge_article SET status = 'archived' WHERE status = 'retired'")
    op.create_check_constraint(op.f('ck_knowledge_article_status'), 'knowledge_article', "status IN ('draft', 'published', 'archived')")
    op.add_column('knowledge_article', sa.Column('owner', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('knowledge_article', sa.Column('source', sa.Text(), server_default=sa.text("'en'"), nullable=False))
    op.add_column('knowledge_article', sa.Column('review_by', sa.Date(), nullable=True))
    op.add_column('knowledge_article', sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('knowledge_article', sa.Column('lapsed', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    # The source of an article that was never written in English is the language that it was written in first.
    op.execute("""
        UPDATE knowledge_article AS a SET source = (
            SELECT v.language FROM knowledge_version AS v WHERE v.article_id = a.id
            ORDER BY v.language <> 'en', v.at, v.language LIMIT 1)
        WHERE EXISTS (SELECT 1 FROM knowledge_version AS v WHERE v.article_id = a.id)""")
    op.drop_constraint(op.f('ck_knowledge_version_status'), 'knowledge_version', type_='check')
    op.create_check_constraint(
        op.f('ck_knowledge_version_status'), 'knowledge_version', "status IN ('draft', 'in_review', 'published', 'archived')")
    op.drop_index('uq_knowledge_version_draft', table_name='knowledge_version')
    op.create_index('uq_knowledge_version_draft', 'knowledge_version', ['article_id', 'language'], unique=True,
                    postgresql_where=sa.text("status IN ('draft', 'in_review')"))
    op.add_column('knowledge_version', sa.Column('submitted_by', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('knowledge_version', sa.Column('note', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column('knowledge_version', sa.Column('translated_from', sa.Integer(), nullable=True))
    op.create_table('knowledge_working_copy',
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('editor', sa.Text(), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('questions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['knowledge_article.id'], name=op.f('fk_knowledge_working_copy_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'language', 'editor', name=op.f('pk_knowledge_working_copy')),
    info={'personal': ['editor', 'title', 'body', 'questions'], 'keep': 'until it is saved or thrown away'}
    )
    op.create_table('knowledge_file',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('editor', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['knowledge_article.id'], name=op.f('fk_knowledge_file_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_file')),
    info={'personal': ['editor'], 'keep': 'until the article is deleted'}
    )
    op.create_index(op.f('ix_knowledge_file_article_id'), 'knowledge_file', ['article_id'], unique=False)


def downgrade() -> None:
    op.drop_table('knowledge_file')
    op.drop_table('knowledge_working_copy')
    op.execute("UPDATE knowledge_version SET status = 'draft' WHERE status = 'in_review'")
    op.drop_index('uq_knowledge_version_draft', table_name='knowledge_version')
    op.create_index('uq_knowledge_version_draft', 'knowledge_version', ['article_id', 'language'], unique=True,
                    postgresql_where=sa.text("status = 'draft'"))
    op.drop_constraint(op.f('ck_knowledge_version_status'), 'knowledge_version', type_='check')
    op.create_check_constraint(op.f('ck_knowledge_version_status'), 'knowledge_version', "status IN ('draft', 'published', 'archived')")
    for name in ('translated_from', 'note', 'submitted_by'):
        op.drop_column('knowledge_version', name)
    op.drop_constraint(op.f('ck_knowledge_article_status'), 'knowledge_article', type_='check')
    op.execute("UPDATE knowledge_article SET status = 'retired' WHERE status = 'archived'")
    op.create_check_constraint(op.f('ck_knowledge_article_status'), 'knowledge_article', "status IN ('draft', 'published', 'retired')")
    for name in ('lapsed', 'expires_at', 'review_by', 'source', 'owner'):
        op.drop_column('knowledge_article', name)
