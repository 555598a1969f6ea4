"""Identifiers, merges, codes, signed identity; labels, notes, consent, events of the shop, calls, rules; webhooks; order sources; CRM."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customer_rule',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("kind IN ('segment','label')", name=op.f('ck_customer_rule_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_rule')),
    sa.UniqueConstraint('name', name=op.f('uq_customer_rule_name')),
    info={'personal': [], 'keep': 'until deleted'}
    )
    op.create_table('identity_key',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('algorithm', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('retires_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("algorithm IN ('HS256','ES256')", name=op.f('ck_identity_key_algorithm')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_key')),
    info={'personal': [], 'keep': 'until deleted'}
    )
    op.create_table('identity_token_used',
    sa.Column('jti_hash', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('jti_hash', name=op.f('pk_identity_token_used')),
    info={'personal': [], 'keep': 'until the token would have expired'}
    )
    op.create_index('ix_identity_token_used_expires', 'identity_token_used', ['expires_at'], unique=False)
    op.create_table('order_sync',
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=True),
    sa.Column('found', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_order_sync')),
    info={'personal': [], 'keep': 'with its order; 30 days where there is none'}
    )
    op.create_table('order_write_back',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), server_default=sa.text("'pending'"), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('next_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_write_back')),
    sa.UniqueConstraint('key', name=op.f('uq_order_write_back_key')),
    info={'personal': ['data'], 'keep': '365 days'}
    )
    op.create_index('ix_order_write_back_due', 'order_write_back', ['next_at'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index(op.f('ix_order_write_back_order_number'), 'order_write_back', ['order_number'], unique=False)
    op.create_table('webhook',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('events', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('secrets', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('position', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_for', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
    info={'personal': [], 'keep': 'until deleted'}
    )
    op.create_table('contact_consent',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_consent_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_consent')),
    info={'personal': ['contact_id', 'source'], 'keep': '3 years after the contact is erased, without the contact'}
    )
    op.create_index('ix_contact_consent_contact', 'contact_consent', ['contact_id', 'purpose', 'id'], unique=False)
    op.create_table('contact_identifier',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('verified', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('shared', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('phone','email','member','device')", name=op.f('ck_contact_identifier_kind')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_identifier_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_identifier')),
    sa.UniqueConstraint('contact_id', 'kind', 'value', name=op.f('uq_contact_identifier_contact_id_kind_value')),
    info={'personal': ['value'], 'keep': 'with its contact'}
    )
    op.create_index('ix_contact_identifier_kind_value', 'contact_identifier', ['kind', 'value'], unique=False)
    op.create_index('uq_contact_identifier_member', 'contact_identifier', ['value'], unique=True, postgresql_where=sa.text("kind = 'member' AND verified"))
    op.create_table('contact_label',
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), server_default=sa.text("'person'"), nullable=False),
    sa.Column('by', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_label_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('contact_id', 'label', name=op.f('pk_contact_label')),
    info={'personal': ['contact_id', 'label'], 'keep': 'with its contact'}
    )
    op.create_index('ix_contact_label_label', 'contact_label', ['label'], unique=False)
    op.create_table('contact_merge',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('from_id', sa.UUID(), nullable=False),
    sa.Column('into_id', sa.UUID(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('actor_kind', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.Text(), nullable=True),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('moved', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['from_id'], ['contact.id'], name=op.f('fk_contact_merge_from_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['into_id'], ['contact.id'], name=op.f('fk_contact_merge_into_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_merge')),
    info={'personal': ['moved', 'before', 'evidence'], 'keep': 'with its contacts'}
    )
    op.create_index('ix_contact_merge_from', 'contact_merge', ['from_id'], unique=False)
    op.create_index('ix_contact_merge_into', 'contact_merge', ['into_id'], unique=False)
    op.create_table('contact_note',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('staff_id', sa.UUID(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_note_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_contact_note_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_note')),
    info={'personal': ['text'], 'keep': 'with its contact'}
    )
    op.create_index(op.f('ix_contact_note_contact_id'), 'contact_note', ['contact_id'], unique=False)
    op.create_table('crm_link',
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('system', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('synced_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_crm_link_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('contact_id', 'system', name=op.f('pk_crm_link')),
    sa.UniqueConstraint('system', 'external_id', 'contact_id', name=op.f('uq_crm_link_system_external_id_contact_id')),
    info={'personal': ['external_id'], 'keep': 'with its contact'}
    )
    op.create_table('idempotency',
    sa.Column('staff_id', sa.UUID(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('request_hash', sa.Text(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_idempotency_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'key', name=op.f('pk_idempotency')),
    info={'personal': ['body'], 'keep': '24 hours'}
    )
    op.create_index('ix_idempotency_at', 'idempotency', ['at'], unique=False)
    op.create_table('identity_code',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('sent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_identity_code_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_code')),
    info={'personal': ['value'], 'keep': '30 days'}
    )
    op.create_index('ix_identity_code_contact', 'identity_code', ['contact_id', 'at'], unique=False)
    op.create_index('ix_identity_code_value', 'identity_code', ['kind', 'value', 'at'], unique=False)
    op.create_table('link_suggestion',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('one_id', sa.UUID(), nullable=False),
    sa.Column('other_id', sa.UUID(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('state', sa.Text(), server_default=sa.text("'open'"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.CheckConstraint("state IN ('open','confirmed','dismissed')", name=op.f('ck_link_suggestion_state')),
    sa.CheckConstraint('one_id < other_id', name=op.f('ck_link_suggestion_order')),
    sa.ForeignKeyConstraint(['one_id'], ['contact.id'], name=op.f('fk_link_suggestion_one_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['contact.id'], name=op.f('fk_link_suggestion_other_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_suggestion')),
    sa.UniqueConstraint('one_id', 'other_id', name=op.f('uq_link_suggestion_one_id_other_id')),
    info={'personal': ['evidence'], 'keep': 'with its contacts'}
    )
    op.create_index('ix_link_suggestion_other', 'link_suggestion', ['other_id'], unique=False)
    op.create_table('shop_event',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_shop_event_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shop_event')),
    sa.UniqueConstraint('source', 'external_id', name=op.f('uq_shop_event_source_external_id')),
    info={'personal': ['contact_id', 'data'], 'keep': '365 days, or until the consent is taken back'}
    )
    op.create_index('ix_shop_event_contact_at', 'shop_event', ['contact_id', 'at'], unique=False)
    op.create_table('webhook_delivery',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('webhook_id', sa.UUID(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=True),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), server_default=sa.text("'pending'"), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('pending','sent','failed')", name=op.f('ck_webhook_delivery_state')),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_webhook_delivery_webhook_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery')),
    info={'personal': ['payload'], 'keep': '30 days'}
    )
    op.create_index('ix_webhook_delivery_due', 'webhook_delivery', ['next_at'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index('ix_webhook_delivery_webhook_at', 'webhook_delivery', ['webhook_id', 'at'], unique=False)
    op.create_index('uq_webhook_delivery_event', 'webhook_delivery', ['webhook_id', 'position'], unique=True)
    op.create_table('call',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('conversation_id', sa.UUID(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('direction', sa.Text(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=True),
    sa.Column('recording_url', sa.Text(), nullable=True),
    sa.Column('transcript', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("direction IN ('in','out')", name=op.f('ck_call_direction')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_call_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_call_conversation_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('source', 'external_id', name=op.f('uq_call_source_external_id')),
    info={'personal': ['contact_id', 'transcript', 'summary', 'recording_url'], 'keep': '730 days'}
    )
    op.create_index('ix_call_contact_at', 'call', ['contact_id', 'at'], unique=False)
    op.create_table('crm_note',
    sa.Column('conversation_id', sa.UUID(), nullable=False),
    sa.Column('system', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_crm_note_conversation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('conversation_id', 'system', name=op.f('pk_crm_note')),
    info={'personal': [], 'keep': 'with its conversation'}
    )
    op.create_table('webhook_try',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('delivery_id', sa.Text(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('milliseconds', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['delivery_id'], ['webhook_delivery.id'], name=op.f('fk_webhook_try_delivery_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_try')),
    info={'personal': [], 'keep': '30 days'}
    )
    op.create_index('ix_webhook_try_delivery', 'webhook_try', ['delivery_id'], unique=False)
    op.add_column('contact', sa.Column('merged_into', sa.UUID(), nullable=True))
    op.create_index(op.f('ix_contact_merged_into'), 'contact', ['merged_into'], unique=False)
    op.create_foreign_key(op.f('fk_contact_merged_into'), 'contact', 'contact', ['merged_into'], ['id'], ondelete='CASCADE')
    op.add_column('conversation', sa.Column('address', sa.Text(), nullable=True))
    op.add_column('identity', sa.Column('sees_from', sa.DateTime(timezone=True), nullable=True))
    op.add_column('message', sa.Column('address', sa.Text(), nullable=True))
    op.execute("""INSERT INTO contact_identifier (id, contact_id, kind, value, method)
        SELECT gen_random_uuid(), id, 'email', lower(trim(email)), 'earlier' FROM contact WHERE trim(coalesce(email, '')) <> ''""")
    op.execute("""INSERT INTO contact_identifier (id, contact_id, kind, value, method)
        SELECT gen_random_uuid(), id, 'phone', phone, 'earlier' FROM contact WHERE phone ~ '^[+][1-9][0-9]{6,14}$'""")
    op.execute("UPDATE message SET address = i.external_id FROM conversation c, identity i WHERE message.conversation_id = c.id"
        " AND i.contact_id = c.contact_id AND i.channel = message.channel AND i.account = message.account")
    op.execute("UPDATE conversation SET address = i.external_id FROM identity i WHERE i.contact_id = conversation.contact_id"
        " AND i.channel = conversation.channel AND i.account = conversation.account")


def downgrade() -> None:
    op.drop_column('message', 'address')
    op.drop_column('identity', 'sees_from')
    op.drop_column('conversation', 'address')
    op.drop_constraint(op.f('fk_contact_merged_into'), 'contact', type_='foreignkey')
    op.drop_index(op.f('ix_contact_merged_into'), table_name='contact')
    op.drop_column('contact', 'merged_into')
    op.drop_index('ix_webhook_try_delivery', table_name='webhook_try')
    op.drop_table('webhook_try')
    op.drop_table('crm_note')
    op.drop_index('ix_call_contact_at', table_name='call')
    op.drop_table('call')
    op.drop_index('uq_webhook_delivery_event', table_name='webhook_delivery')
    op.drop_index('ix_webhook_delivery_webhook_at', table_name='webhook_delivery')
    op.drop_index('ix_webhook_delivery_due', table_name='webhook_delivery', postgresql_where=sa.text("state = 'pending'"))
    op.drop_table('webhook_delivery')
    op.drop_index('ix_shop_event_contact_at', table_name='shop_event')
    op.drop_table('shop_event')
    op.drop_index('ix_link_suggestion_other', table_name='link_suggestion')
    op.drop_table('link_suggestion')
    op.drop_index('ix_identity_code_value', table_name='identity_code')
    op.drop_index('ix_identity_code_contact', table_name='identity_code')
    op.drop_table('identity_code')
    op.drop_index('ix_idempotency_at', table_name='idempotency')
    op.drop_table('idempotency')
    op.drop_table('crm_link')
    op.drop_index(op.f('ix_contact_note_contact_id'), table_name='contact_note')
    op.drop_table('contact_note')
    op.drop_index('ix_contact_merge_into', table_name='contact_merge')
    op.drop_index('ix_contact_merge_from', table_name='contact_merge')
    op.drop_table('contact_merge')
    op.drop_index('ix_contact_label_label', table_name='contact_label')
    op.drop_table('contact_label')
    op.drop_index('uq_contact_identifier_member', table_name='contact_identifier', postgresql_where=sa.text("kind = 'member' AND verified"))
    op.drop_index('ix_contact_identifier_kind_value', table_name='contact_identifier')
    op.drop_table('contact_identifier')
    op.drop_index('ix_contact_consent_contact', table_name='contact_consent')
    op.drop_table('contact_consent')
    op.drop_table('webhook')
    op.drop_index(op.f('ix_order_write_back_order_number'), table_name='order_write_back')
    op.drop_index('ix_order_write_back_due', table_name='order_write_back', postgresql_where=sa.text("state = 'pending'"))
    op.drop_table('order_write_back')
    op.drop_table('order_sync')
    op.drop_index('ix_identity_token_used_expires', table_name='identity_token_used')
    op.drop_table('identity_token_used')
    op.drop_table('identity_key')
    op.drop_table('customer_rule')
