"""The desk's tables.

Every index serves a step of a message's way, so that the step costs the same at message 20,000
as at message 2; the partial ones hold only what waits for somebody.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kernel.database import UtcDateTime

metadata = MetaData()

conversation = Table(
    "desk_conversation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(64), nullable=False),
    Column("shopper_id", String(200), nullable=False),
    Column("owner", String(16), nullable=False),
    Column("agent_id", String(32), ForeignKey("desk_agent.id")),
    Column("epoch", Integer, nullable=False),
    Column("language", String(16)),
    Column("priority", Integer, nullable=False),
    Column("customer", JSON(none_as_null=True)),
    Column("last_seq", Integer, nullable=False),
    Column("last_shopper_seq", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("queued_at", UtcDateTime),
    Column("handoff", JSON(none_as_null=True)),
    Column("owner_since", UtcDateTime),
    # The queue: what orders it, who may serve it, to whom it is held out.
    Column("place_at", UtcDateTime),
    Column("skill", String(64)),
    Column("customer_group", String(64)),
    Column("weight", Integer, nullable=False, server_default="1"),
    Column("offered_to", String(32)),
    Column("offer_until", UtcDateTime),
    Column("passed_by", JSON(none_as_null=True)),
    Column("last_agent_id", String(32)),
    Column("last_agent_at", UtcDateTime),
    Column("callback", JSON(none_as_null=True)),
    Column("snoozed_until", UtcDateTime),
    # What is promised, and when somebody must look at it next.
    Column("sla", JSON(none_as_null=True)),
    Column("sla_check_at", UtcDateTime),
    # From when on one of the promises is in danger.
    Column("sla_risk_at", UtcDateTime),
    Column("agreed", JSON(none_as_null=True)),
    # The news told last, and whose conversation it is: where more news may go.
    Column("told", JSON(none_as_null=True)),
    Column("customer_id", String(200)),
    # The bot's turn: who runs it, and until when nobody else may.
    Column("lease_token", String(32)),
    Column("lease_worker", String(200)),
    Column("lease_until", UtcDateTime),
    UniqueConstraint("channel", "shopper_id", name="uq_desk_conversation_shopper"),
)
# The queue is ordered, counted by lane and offered from its index alone; so are agents' loads.
# The owner comes first though each is about one owner: SQLite prefers what equals a value.
Index(
    "ix_desk_conversation_queue",
    conversation.c.owner,
    conversation.c.place_at,
    conversation.c.id,
    conversation.c.skill,
    conversation.c.language,
    conversation.c.offered_to,
    conversation.c.queued_at,
    sqlite_where=text("owner = 'queue'"),
    postgresql_where=text("owner = 'queue'"),
)
Index(
    "ix_desk_conversation_agent",
    conversation.c.owner,
    conversation.c.agent_id,
    conversation.c.snoozed_until,
    conversation.c.weight,
    sqlite_where=text("owner = 'agent'"),
    postgresql_where=text("owner = 'agent'"),
)
Index(
    "ix_desk_conversation_customer",
    conversation.c.customer_id,
    sqlite_where=text("customer_id IS NOT NULL"),
    postgresql_where=text("customer_id IS NOT NULL"),
)
Index("ix_desk_conversation_activity", conversation.c.owner, conversation.c.updated_at)

Index(
    "ix_desk_conversation_offered",
    conversation.c.offered_to,
    conversation.c.owner,
    conversation.c.weight,
    sqlite_where=text("offered_to IS NOT NULL"),
    postgresql_where=text("offered_to IS NOT NULL"),
)
Index(
    "ix_desk_conversation_offer",
    conversation.c.offer_until,
    sqlite_where=text("offer_until IS NOT NULL"),
    postgresql_where=text("offer_until IS NOT NULL"),
)
Index(
    "ix_desk_conversation_snoozed",
    conversation.c.snoozed_until,
    sqlite_where=text("snoozed_until IS NOT NULL"),
    postgresql_where=text("snoozed_until IS NOT NULL"),
)
Index(
    "ix_desk_conversation_sla",
    conversation.c.sla_check_at,
    sqlite_where=text("sla_check_at IS NOT NULL"),
    postgresql_where=text("sla_check_at IS NOT NULL"),
)
Index(
    "ix_desk_conversation_risk",
    conversation.c.sla_risk_at,
    sqlite_where=text("sla_risk_at IS NOT NULL"),
    postgresql_where=text("sla_risk_at IS NOT NULL"),
)

message = Table(
    "desk_message",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey("desk_conversation.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("author", String(16), nullable=False),
    Column("agent_id", String(32), ForeignKey("desk_agent.id")),
    Column("content", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("external_id", String(200)),
    Column("in_reply_to", String(32)),
    Column("epoch", Integer, nullable=False),
    Column("turn_state", String(16)),
    Column("turn_attempts", Integer, nullable=False),
    UniqueConstraint("conversation_id", "seq", name="uq_desk_message_seq"),
    # A conversation belongs to one shopper on one channel, so this says: (channel, external id)
    # of one sender is unique, and no sender can occupy the ids of another.
    UniqueConstraint("conversation_id", "author", "external_id", name="uq_desk_message_external"),
)
Index(
    "ix_desk_message_pending",
    message.c.conversation_id,
    message.c.seq,
    sqlite_where=text("turn_state = 'pending'"),
    postgresql_where=text("turn_state = 'pending'"),
)
Index(
    "ix_desk_message_reply",
    message.c.in_reply_to,
    sqlite_where=text("in_reply_to IS NOT NULL"),
    postgresql_where=text("in_reply_to IS NOT NULL"),
)

owner_change = Table(
    "desk_owner_change",
    metadata,
    Column("conversation_id", String(32), ForeignKey("desk_conversation.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("move", String(16), nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("agent_id", String(32), ForeignKey("desk_agent.id")),
    Column("note", Text),
    Column("at", UtcDateTime, nullable=False),
    # Who decided it, if not the new owner; how long the owner before had it.
    Column("by_id", String(32)),
    Column("lasted_s", Float),
    Column("skill", String(64)),
    Column("priority", Integer),
    # Of a conversation that leaves people: when which number to call was left, when
    # and by whom it was called.
    Column("call_asked_at", UtcDateTime),
    Column("call_made_at", UtcDateTime),
    Column("call_contact", String(40)),
    Column("call_made_by", String(32)),
)
Index(
    "ix_desk_owner_change_call",
    owner_change.c.conversation_id,
    sqlite_where=text("call_asked_at IS NOT NULL AND call_made_at IS NULL"),
    postgresql_where=text("call_asked_at IS NOT NULL AND call_made_at IS NULL"),
)
Index("ix_desk_owner_change_at", owner_change.c.at)
# Numbers that are still known, to be forgotten in their time.
Index(
    "ix_desk_owner_change_contact",
    owner_change.c.at,
    sqlite_where=text("call_contact IS NOT NULL"),
    postgresql_where=text("call_contact IS NOT NULL"),
)

Index(
    "ix_desk_owner_change_end",
    owner_change.c.at,
    sqlite_where=text("after = 'closed' OR move = 'reopen'"),
    postgresql_where=text("after = 'closed' OR move = 'reopen'"),
)

delivery = Table(
    "desk_delivery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey("desk_conversation.id"), nullable=False),
    Column("message_id", String(32), ForeignKey("desk_message.id"), nullable=False, unique=True),
    Column("seq", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("lease_worker", String(200)),
    Column("lease_until", UtcDateTime),
    Column("error", Text),
    # A try that has begun and of which nobody knows the end, and by which way it went.
    Column("begun_at", UtcDateTime),
    Column("via", String(300)),
    # How many parts of it the shopper has, where a channel must cut it into several.
    Column("parts", Integer, nullable=False, server_default="0"),
)
Index(
    "ix_desk_delivery_due",
    delivery.c.due_at,
    sqlite_where=text("state = 'due'"),
    postgresql_where=text("state = 'due'"),
)
Index(
    "ix_desk_delivery_order",
    delivery.c.conversation_id,
    delivery.c.seq,
    sqlite_where=text("state = 'due'"),
    postgresql_where=text("state = 'due'"),
)

Index(
    "ix_desk_delivery_parked",
    delivery.c.conversation_id,
    sqlite_where=text("state = 'parked'"),
    postgresql_where=text("state = 'parked'"),
)
Index(
    "ix_desk_delivery_via",
    delivery.c.conversation_id,
    delivery.c.via,
    sqlite_where=text("via IS NOT NULL"),
    postgresql_where=text("via IS NOT NULL"),
)

# What a platform lets us send, for channels whose platform counts.
reach = Table(
    "desk_reach",
    metadata,
    Column("conversation_id", String(32), ForeignKey("desk_conversation.id"), primary_key=True),
    Column("state", String(32), nullable=False),
    Column("code", String(64), nullable=False),
    Column("allowances", JSON, nullable=False),
    Column("spent", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

agent = Table(
    "desk_agent",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("skills", JSON(none_as_null=True)),
    Column("languages", JSON(none_as_null=True)),
    Column("capacity", Integer),
)

presence = Table(
    "desk_presence",
    metadata,
    Column("agent_id", String(32), ForeignKey("desk_agent.id"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("busy_at", UtcDateTime),
    Column("missed_offers", Integer, nullable=False),
)

sla_event = Table(
    "desk_sla_event",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey("desk_conversation.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("metric", String(16), nullable=False),
    Column("policy", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("target_s", Float, nullable=False),
    Column("spent_s", Float, nullable=False),
    Column("due_at", UtcDateTime),
    Column("remedy", String(16)),
    Column("agent_id", String(32)),
    Column("channel", String(64), nullable=False),
    Column("skill", String(64)),
)
Index("ix_desk_sla_event_conversation", sla_event.c.conversation_id, sla_event.c.at)
# What supervisors were called for.
Index(
    "ix_desk_sla_event_remedy",
    sla_event.c.remedy,
    sla_event.c.at,
    sqlite_where=text("remedy IS NOT NULL"),
    postgresql_where=text("remedy IS NOT NULL"),
)

alarm_seen = Table(
    "desk_alarm_seen",
    metadata,
    Column("event_id", String(32), ForeignKey("desk_sla_event.id"), primary_key=True),
    Column("agent_id", String(32), ForeignKey("desk_agent.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

promise = Table(
    "desk_promise",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey("desk_conversation.id"), nullable=False),
    # The stay in the queue it was made in, and its number there: the first is what counts.
    Column("epoch", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("low_s", Float, nullable=False),
    Column("high_s", Float, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("outcome", String(16)),
    Column("settled_at", UtcDateTime),
)
Index("ix_desk_promise_conversation", promise.c.conversation_id, promise.c.epoch, promise.c.number)
Index(
    "ix_desk_promise_open",
    promise.c.conversation_id,
    sqlite_where=text("outcome IS NULL"),
    postgresql_where=text("outcome IS NULL"),
)
Index(
    "ix_desk_promise_due",
    promise.c.due_at,
    promise.c.conversation_id,
    sqlite_where=text("outcome IS NULL"),
    postgresql_where=text("outcome IS NULL"),
)

duty = Table(
    "desk_duty",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("worker", String(200), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

rules_version = Table(
    "desk_rules_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", JSON, nullable=False),
    Column("agent_id", String(32), nullable=False),
    Column("note", Text),
    Column("at", UtcDateTime, nullable=False),
)

agent_session = Table(
    "desk_agent_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", String(32), ForeignKey("desk_agent.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

login_attempt = Table(
    "desk_login_attempt",
    metadata,
    Column("login_hash", String(64), primary_key=True),
    Column("failures", BigInteger, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)
