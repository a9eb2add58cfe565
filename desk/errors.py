"""Every error the desk raises; the tree says what the caller can do.

* DeskError
  + NoSuchConversation, NoSuchMessage, NoSuchAgent    the caller's id is wrong
  + ConversationMoved    no longer in the hands it was in: show ``current``
    - AlreadyTaken       another agent has it: say who
  + NotAllowed           the agent's role does not permit it
  + BadIncoming          a message comes with an unusable id: refuse it
  + BadContact           what was left is no number to call: ask again
  + LoginTaken           choose another login
  + BadCredentials       login or password is wrong; which of them is never said
  + NoSession            the token is unknown or has expired: log in again
  + RateLimited          too much in too short a time: say how long to wait
    - TooManyAttempts    at logging in
"""

from __future__ import annotations

from datetime import timedelta

from desk.model import Agent, Conversation
from kernel.errors import KefuError


class DeskError(KefuError):
    """Root of all errors of the desk."""


class NoSuchConversation(DeskError):
    """There is no conversation with this id."""


class NoSuchMessage(DeskError):
    """There is no message with this id."""


class NoSuchAgent(DeskError):
    """There is no agent with this id."""


class ConversationMoved(DeskError):
    """The conversation is not in the hands the caller assumed; ``current`` is how it is now."""

    def __init__(self, current: Conversation) -> None:
        super().__init__(f"conversation {current.id} is at {current.owner}, epoch {current.epoch}")
        self.current = current


class AlreadyTaken(ConversationMoved):
    """Another agent holds the conversation."""

    def __init__(self, current: Conversation, agent: Agent) -> None:
        super().__init__(current)
        self.agent = agent


class NotAllowed(DeskError):
    """The agent's role does not permit this."""


class BadIncoming(DeskError):
    """An id that came with a message is empty, too long, not printable or somebody else's."""


class BadContact(DeskError):
    """What a shopper left to be called at is not a phone number."""


class LoginTaken(DeskError):
    """Another agent logs in under this name."""


class BadCredentials(DeskError):
    """The login or the password is wrong."""


class NoSession(DeskError):
    """The session's token is unknown, ended or expired."""


class RateLimited(DeskError):
    """Too much in too short a time; worth another try after ``retry_after``."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"wait {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class TooManyAttempts(RateLimited):
    """Too many failed attempts to log in."""
