"""The queue for learning, trained models and which is live, trainings that were asked for, and blobs kept in the database."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('blob_part',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'part', name=op.f('pk_blob_part')),
    info={'personal': [], 'keep': 'as long as what it belongs to: models until `baton models prune`'}
    )
    op.create_table('learning_sentence',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'open'"), nullable=False),
    sa.Column('intent', sa.Text(), nullable=True),
    sa.Column('taught_text', sa.Text(), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_name', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("(status = 'taught') = (intent IS NOT NULL)", name=op.f('ck_learning_sentence_taught_has_intent')),
    sa.CheckConstraint("status IN ('open','taught','dismissed')", name=op.f('ck_learning_sentence_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learning_sentence')),
    sa.UniqueConstraint('language', 'key', name=op.f('uq_learning_sentence_language_key')),
    info={'personal': ['text', 'taught_text', 'decided_by', 'decided_name'], 'keep': '365 days after its last message while open or dismissed; a taught one as long as it is training data'}
    )
    op.create_index('ix_learning_sentence_status', 'learning_sentence', ['status', 'changed_at'], unique=False)
    op.create_table('trained_model',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('encoders', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('scores', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('examples', sa.Integer(), nullable=False),
    sa.Column('intents', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('languages', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('fine_tuned', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('author_name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trained_model')),
    info={'personal': ['author', 'author_name'], 'keep': 'for ever: a line a training; archives go with `baton models prune`'}
    )
    op.create_table('model_activation',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('model_id', sa.Text(), nullable=False),
    sa.Column('returns_to', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("reason IN ('trained','chosen','rolled_back','adopted')", name=op.f('ck_model_activation_reason')),
    sa.ForeignKeyConstraint(['model_id'], ['trained_model.id'], name=op.f('fk_model_activation_model_id')),
    sa.ForeignKeyConstraint(['returns_to'], ['model_activation.id'], name=op.f('fk_model_activation_returns_to')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_activation')),
    info={'personal': ['by', 'by_name'], 'keep': 'for ever: a line a change'}
    )
    op.create_index(op.f('ix_model_activation_model_id'), 'model_activation', ['model_id'], unique=False)
    op.create_table('training_run',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('fine_tune', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('asked_name', sa.Text(), nullable=False),
    sa.Column('progress', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.Column('step', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('comparison', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('model_id', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(slot IS NOT NULL) = (state IN ('asked','running'))", name=op.f('ck_training_run_slot_while_open')),
    sa.CheckConstraint("state IN ('asked','running','held','done','failed')", name=op.f('ck_training_run_state')),
    sa.ForeignKeyConstraint(['model_id'], ['trained_model.id'], name=op.f('fk_training_run_model_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_run')),
    sa.UniqueConstraint('slot', name=op.f('uq_training_run_slot')),
    info={'personal': ['asked_by', 'asked_name'], 'keep': '365 days'}
    )
    op.create_index('ix_training_run_asked_at', 'training_run', ['asked_at'], unique=False)
    op.create_table('learning_message',
    sa.Column('message_id', sa.UUID(), nullable=False),
    sa.Column('sentence_id', sa.UUID(), nullable=False),
    sa.Column('conversation_id', sa.UUID(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('handed_off', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('answered', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('guess', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_learning_message_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_learning_message_message_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sentence_id'], ['learning_sentence.id'], name=op.f('fk_learning_message_sentence_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_learning_message')),
    info={'personal': ['message_id', 'conversation_id', 'text'], 'keep': 'with its conversation: 730 days after resolution'}
    )
    op.create_index(op.f('ix_learning_message_conversation_id'), 'learning_message', ['conversation_id'], unique=False)
    op.create_index('ix_learning_message_sentence_at', 'learning_message', ['sentence_id', 'at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_learning_message_sentence_at', table_name='learning_message')
    op.drop_index(op.f('ix_learning_message_conversation_id'), table_name='learning_message')
    op.drop_table('learning_message')
    op.drop_index('ix_training_run_asked_at', table_name='training_run')
    op.drop_table('training_run')
    op.drop_index(op.f('ix_model_activation_model_id'), table_name='model_activation')
    op.drop_table('model_activation')
    op.drop_table('trained_model')
    op.drop_index('ix_learning_sentence_status', table_name='learning_sentence')
    op.drop_table('learning_sentence')
    op.drop_table('blob_part')
