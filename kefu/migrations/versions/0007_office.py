"""Agents' tools: notes, tags, snoozes, canned replies, read marks, links, search, audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0007_office"
down_revision = "0006_reach"
branch_labels = None
depends_on = None

_FIRST_REPLIES = (
    (
        "hello",
        "问候 / Greeting",
        "您好{customer}，我是客服{agent}，很高兴为您服务。请稍等，我先看一下您的情况。",
        "Hello {customer}, this is {agent}. Thank you for your patience. One moment, I am looking"
        " into it.",
    ),
    (
        "wait",
        "请稍等 / One moment",
        "正在为您核实，请稍等几分钟，有结果马上告诉您。",
        "I am checking this for you. Please give me a few minutes; I will be right back.",
    ),
    (
        "order",
        "询问订单号 / Ask for the order",
        "请您提供一下订单号，或者下单时的手机尾号，我好为您查询。",
        "Could you send me your order number, or the last digits of the phone on the order?",
    ),
    (
        "parcel",
        "已催物流 / Parcel chased",
        "订单 {order} 的包裹我已联系承运商加急处理，24 小时内给您回复。",
        "I have asked the carrier to look for the parcel of order {order} and will write to you"
        " within 24 hours.",
    ),
    (
        "refund",
        "退款时间 / Refund times",
        "退款会原路退回，不同支付方式到账时间不同。订单 {order} 的退款一到账您会收到通知。",
        "The money goes back the way it was paid; how long it takes depends on the means of"
        " payment. You will be told as soon as the refund of order {order} has arrived.",
    ),
    (
        "photo",
        "请发照片 / Ask for a picture",
        "麻烦您拍一张照片发给我，包装和商品都拍到，方便我为您申请处理。",
        "Could you send me a picture that shows both the packaging and the item? Then I can"
        " open the case for you.",
    ),
    (
        "sorry",
        "致歉 / Apology",
        "非常抱歉给您带来不便，这件事我会负责到底。",
        "I am sorry for the trouble this has caused. I will see this through for you.",
    ),
    (
        "bye",
        "结束语 / Goodbye",
        "还有其他可以帮您的吗？如果没有，感谢您联系{shop}，祝您生活愉快。",
        "Is there anything else I can do for you? If not, thank you for writing to {shop}.",
    ),
)


def upgrade() -> None:
    """Create the tables, the search index of this database, and a first set of replies."""
    op.create_index("ix_desk_conversation_activity", "desk_conversation", ["owner", "updated_at"])
    _create_margins()
    _create_canned()
    _create_search()
    op.create_table(
        "desk_audit",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("agent_id", sa.String(32), sa.ForeignKey("desk_agent.id")),
        sa.Column("deed", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("ix_desk_audit_at", "desk_audit", ["at", "id"])


def _conversation(name: str = "conversation_id", **options: Any) -> sa.Column[str]:
    return sa.Column(
        name,
        sa.String(32),
        sa.ForeignKey("desk_conversation.id"),
        nullable=False,
        **options,
    )


def _agent(**options: Any) -> sa.Column[str]:
    return sa.Column(
        "agent_id", sa.String(32), sa.ForeignKey("desk_agent.id"), nullable=False, **options
    )


def _create_margins() -> None:
    op.create_table(
        "desk_note",
        sa.Column("id", sa.String(32), primary_key=True),
        _conversation(),
        sa.Column("seq", sa.Integer, nullable=False),
        _agent(),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_desk_note_conversation", "desk_note", ["conversation_id", "at"])
    op.create_table(
        "desk_mention",
        sa.Column("note_id", sa.String(32), sa.ForeignKey("desk_note.id"), primary_key=True),
        _agent(primary_key=True),
        _conversation(),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("seen_at", UtcDateTime),
    )
    op.create_index("ix_desk_mention_agent", "desk_mention", ["agent_id", "seen_at"])
    op.create_table(
        "desk_tag",
        _conversation(primary_key=True),
        sa.Column("tag", sa.String(40), primary_key=True),
        _agent(),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_desk_tag_tag", "desk_tag", ["tag"])
    op.create_table(
        "desk_snooze",
        _conversation(primary_key=True),
        _agent(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False, index=True),
    )
    op.create_table(
        "desk_read",
        _conversation(primary_key=True),
        sa.Column("reader", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "desk_link",
        _conversation(primary_key=True),
        _conversation("into_id", index=True),
        _agent(),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _create_canned() -> None:
    canned = op.create_table(
        "desk_canned",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("shortcut", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("uq_desk_canned_shortcut", "desk_canned", ["owner", "shortcut"], unique=True)
    op.bulk_insert(
        canned,
        [
            {
                "id": uuid5(NAMESPACE_URL, f"kefu:canned:{shortcut}").hex,
                "owner": "",
                "shortcut": shortcut,
                "title": title,
                "zh": zh,
                "en": en,
                "at": datetime(2026, 1, 1, tzinfo=UTC),
            }
            for shortcut, title, zh, en in _FIRST_REPLIES
        ],
    )


def _create_search() -> None:
    op.create_table(
        "desk_indexed",
        _conversation(primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "desk_progress",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE search_message (conversation_id varchar(32) NOT NULL, seq integer NOT"
            " NULL, at timestamptz NOT NULL, terms tsvector NOT NULL,"
            " PRIMARY KEY (conversation_id, seq))"
        )
        op.execute("CREATE INDEX ix_search_message_terms ON search_message USING gin (terms)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE search_message USING fts5(terms, conversation_id UNINDEXED,"
            " seq UNINDEXED, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2')"
        )


def downgrade() -> None:
    """Remove agents' tools and what they noted with them."""
    for table in (
        "desk_audit",
        "search_message",
        "desk_progress",
        "desk_indexed",
        "desk_canned",
        "desk_link",
        "desk_read",
        "desk_snooze",
        "desk_tag",
        "desk_mention",
        "desk_note",
    ):
        op.drop_table(table)
    op.drop_index("ix_desk_conversation_activity", "desk_conversation")
