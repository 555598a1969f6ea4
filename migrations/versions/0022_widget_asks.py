"""What visitors told the widget before the chat, when their browser was last there, and which text they agreed to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('visitor_session', sa.Column('form', postgresql.JSONB(), nullable=True))
    op.add_column('visitor_session', sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('contact_consent', sa.Column('version', sa.Text(), nullable=True))
    op.create_table(
        'web_mailing',
        sa.Column('conversation_id', sa.Uuid(), nullable=False),
        sa.Column('up_to_seq', sa.BigInteger(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('message_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
        sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_web_mailing_conversation_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_web_mailing_message_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('message_id', name=op.f('pk_web_mailing')),
    )
    op.create_index('ix_web_mailing_conversation', 'web_mailing', ['conversation_id', 'up_to_seq'])


def downgrade() -> None:
    op.drop_table('web_mailing')
    op.drop_column('contact_consent', 'version')
    op.drop_column('visitor_session', 'seen_at')
    op.drop_column('visitor_session', 'form')
