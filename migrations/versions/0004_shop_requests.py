"""Products, gift cards, points, and what customers asked to have done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('shop_product',
    sa.Column('sku', sa.Text(), nullable=False),
    sa.Column('titles', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('price', sa.Integer(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('stock', sa.Integer(), nullable=True),
    sa.Column('restock_on', sa.Date(), nullable=True),
    sa.Column('place', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('stock >= 0', name=op.f('ck_shop_product_stock')),
    sa.PrimaryKeyConstraint('sku', name=op.f('pk_shop_product')),
    info={'personal': [], 'keep': 'as long as the shop carries it'}
    )
    op.create_table('gift_card',
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('ending', sa.Text(), nullable=False),
    sa.Column('balance', sa.Integer(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.CheckConstraint('balance >= 0', name=op.f('ck_gift_card_balance')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_gift_card')),
    info={'personal': [], 'keep': '10 years after it expires'}
    )
    op.create_table('gift_card_try',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('right', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_gift_card_try_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gift_card_try')),
    info={'personal': ['contact_id'], 'keep': '30 days'}
    )
    op.create_index('ix_gift_card_try_contact_at', 'gift_card_try', ['contact_id', 'at'], unique=False)
    op.create_table('loyalty_account',
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('expiring', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('expiring_on', sa.Date(), nullable=True),
    sa.CheckConstraint('points >= 0', name=op.f('ck_loyalty_account_points')),
    sa.PrimaryKeyConstraint('email', name=op.f('pk_loyalty_account')),
    info={'personal': ['email'], 'keep': 'until the customer leaves'}
    )
    op.create_table('service_request',
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False, start=20001), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=True),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=True),
    sa.Column('conversation_id', sa.UUID(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("kind IN ('problem','cancel','address','invoice','complaint')", name=op.f('ck_service_request_kind')),
    sa.CheckConstraint("status IN ('open','done','refused')", name=op.f('ck_service_request_status')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_service_request_contact_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_service_request_conversation_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['order_number'], ['shop_order.number'], name=op.f('fk_service_request_order_number')),
    sa.PrimaryKeyConstraint('reference', name=op.f('pk_service_request')),
    sa.UniqueConstraint('key', name=op.f('uq_service_request_key')),
    info={'personal': ['details', 'contact_id'], 'keep': '10 years when it names an order, else 730 days'}
    )
    op.create_index(op.f('ix_service_request_contact_id'), 'service_request', ['contact_id'], unique=False)
    op.create_index(op.f('ix_service_request_conversation_id'), 'service_request', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_service_request_order_number'), 'service_request', ['order_number'], unique=False)
    op.create_index('ix_service_request_status_at', 'service_request', ['status', 'at'], unique=False)


def downgrade() -> None:
    for name in ('service_request', 'loyalty_account', 'gift_card_try', 'gift_card', 'shop_product'):
        op.drop_table(name)
