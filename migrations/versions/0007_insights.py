"""Unanswered questions, how articles are used, and findings about the knowledge base."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('health_finding',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('one_article', sa.Text(), nullable=False),
    sa.Column('one_language', sa.Text(), nullable=False),
    sa.Column('one_text', sa.Text(), nullable=False),
    sa.Column('other_article', sa.Text(), nullable=False),
    sa.Column('other_language', sa.Text(), nullable=False),
    sa.Column('other_text', sa.Text(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('dismissed_by', sa.Text(), nullable=True),
    sa.Column('dismissed_name', sa.Text(), nullable=True),
    sa.Column('dismissed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('duplicate','contradiction')", name=op.f('ck_health_finding_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_health_finding')),
    sa.UniqueConstraint('key', name=op.f('uq_health_finding_key')),
    info={'personal': ['dismissed_by', 'dismissed_name'], 'keep': 'while both versions are published'}
    )
    op.create_index('ix_health_finding_one', 'health_finding', ['one_article', 'one_language'], unique=False)
    op.create_index('ix_health_finding_other', 'health_finding', ['other_article', 'other_language'], unique=False)
    op.create_table('health_link_check',
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default=sa.text("'new'"), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('detail', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('failures', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('new','ok','unsure','broken','refused')", name=op.f('ck_health_link_check_state')),
    sa.PrimaryKeyConstraint('target', name=op.f('pk_health_link_check')),
    info={'personal': [], 'keep': 'while an article links there'}
    )
    op.create_index('ix_health_link_check_next', 'health_link_check', ['next_at'], unique=False)
    op.create_table('insight_followed',
    sa.Column('reader', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('reader', name=op.f('pk_insight_followed')),
    info={'personal': [], 'keep': 'for ever: a line a reader'}
    )
    op.create_table('unanswered_question',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'open'"), nullable=False),
    sa.Column('merged_into', sa.UUID(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('found_article', sa.Text(), nullable=True),
    sa.Column('found_language', sa.Text(), nullable=True),
    sa.Column('found_confidence', sa.Double(), nullable=True),
    sa.Column('found_share', sa.Double(), nullable=True),
    sa.Column('found_generation', sa.Integer(), nullable=True),
    sa.Column('drafts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('stale', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('article_id', sa.Text(), nullable=True),
    sa.Column('article_language', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_name', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reopened_why', sa.Text(), nullable=True),
    sa.Column('reopened_times', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name=op.f('ck_unanswered_question_merged_has_target')),
    sa.CheckConstraint("status IN ('open','drafted','closed','dismissed','merged')", name=op.f('ck_unanswered_question_status')),
    sa.CheckConstraint("status NOT IN ('drafted','closed') OR article_id IS NOT NULL", name=op.f('ck_unanswered_question_answered_has_article')),
    sa.ForeignKeyConstraint(['merged_into'], ['unanswered_question.id'], name=op.f('fk_unanswered_question_merged_into'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unanswered_question')),
    info={'personal': ['text', 'drafts', 'decided_by', 'decided_name'], 'keep': 'while open: as long as one of its messages is kept; decided ones 730 days after the decision'}
    )
    op.create_index('ix_unanswered_question_article', 'unanswered_question', ['article_id'], unique=False)
    op.create_index('ix_unanswered_question_status', 'unanswered_question', ['status', 'changed_at'], unique=False)
    op.create_table('unanswered_wording',
    sa.Column('sentence_id', sa.UUID(), nullable=False),
    sa.Column('question_id', sa.UUID(), nullable=False),
    sa.Column('encoder', sa.Text(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['unanswered_question.id'], name=op.f('fk_unanswered_wording_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sentence_id'], ['learning_sentence.id'], name=op.f('fk_unanswered_wording_sentence_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sentence_id', name=op.f('pk_unanswered_wording')),
    info={'personal': [], 'keep': 'with its sentence in the queue for learning'}
    )
    op.create_index(op.f('ix_unanswered_wording_question_id'), 'unanswered_wording', ['question_id'], unique=False)
    op.create_table('health_version',
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('encoder', sa.Text(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['article_id', 'language', 'version'], ['knowledge_version.article_id', 'knowledge_version.language', 'knowledge_version.version'], name=op.f('fk_health_version_article_id_language_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'language', 'version', name=op.f('pk_health_version')),
    info={'personal': [], 'keep': 'while its version is published'}
    )
    op.create_table('article_use',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('passage_id', sa.Text(), nullable=False),
    sa.Column('conversation_id', sa.UUID(), nullable=True),
    sa.Column('message_id', sa.UUID(), nullable=True),
    sa.Column('answer_id', sa.UUID(), nullable=True),
    sa.Column('suggestion_id', sa.UUID(), nullable=True),
    sa.Column('question', sa.Text(), nullable=True),
    sa.Column('question_language', sa.Text(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('helped', sa.Boolean(), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('answer','suggestion','page')", name=op.f('ck_article_use_kind')),
    sa.CheckConstraint("outcome IN ('open','asked_again','handed_off','thumbs_down','shown','accepted','edited','dismissed','judged')", name=op.f('ck_article_use_outcome')),
    sa.ForeignKeyConstraint(['answer_id'], ['message.id'], name=op.f('fk_article_use_answer_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_article_use_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_article_use_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_use')),
    sa.UniqueConstraint('event_id', 'article_id', name=op.f('uq_article_use_event_id_article_id')),
    info={'personal': ['question', 'message_id', 'conversation_id'], 'keep': "with its conversation; a page's 730 days"}
    )
    op.create_index(op.f('ix_article_use_answer_id'), 'article_use', ['answer_id'], unique=False)
    op.create_index('ix_article_use_article_at', 'article_use', ['article_id', 'at'], unique=False)
    op.create_index('ix_article_use_conversation_at', 'article_use', ['conversation_id', 'at'], unique=False)
    op.create_index(op.f('ix_article_use_message_id'), 'article_use', ['message_id'], unique=False)
    op.create_index('ix_article_use_suggestion', 'article_use', ['suggestion_id'], unique=False)
    op.create_table('health_line',
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['article_id', 'language', 'version'], ['health_version.article_id', 'health_version.language', 'health_version.version'], name=op.f('fk_health_line_article_id_language_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'language', 'version', 'place', name=op.f('pk_health_line')),
    info={'personal': [], 'keep': 'while its version is published'}
    )
    op.create_table('health_link',
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('written', sa.Text(), nullable=False),
    sa.Column('outside', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['article_id', 'language', 'version'], ['health_version.article_id', 'health_version.language', 'health_version.version'], name=op.f('fk_health_link_article_id_language_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', 'language', 'version', 'target', name=op.f('pk_health_link')),
    info={'personal': [], 'keep': 'while its version is published'}
    )
    op.create_index('ix_health_link_target', 'health_link', ['target'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_health_link_target', table_name='health_link')
    op.drop_table('health_link')
    op.drop_table('health_line')
    op.drop_index('ix_article_use_suggestion', table_name='article_use')
    op.drop_index(op.f('ix_article_use_message_id'), table_name='article_use')
    op.drop_index('ix_article_use_conversation_at', table_name='article_use')
    op.drop_index('ix_article_use_article_at', table_name='article_use')
    op.drop_index(op.f('ix_article_use_answer_id'), table_name='article_use')
    op.drop_table('article_use')
    op.drop_table('health_version')
    op.drop_index(op.f('ix_unanswered_wording_question_id'), table_name='unanswered_wording')
    op.drop_table('unanswered_wording')
    op.drop_index('ix_unanswered_question_status', table_name='unanswered_question')
    op.drop_index('ix_unanswered_question_article', table_name='unanswered_question')
    op.drop_table('unanswered_question')
    op.drop_table('insight_followed')
    op.drop_index('ix_health_link_check_next', table_name='health_link_check')
    op.drop_table('health_link_check')
    op.drop_index('ix_health_finding_other', table_name='health_finding')
    op.drop_index('ix_health_finding_one', table_name='health_finding')
    op.drop_table('health_finding')
