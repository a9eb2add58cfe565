"""Every error that crosses a boundary of Kefu; the tree says what the caller can do.

* KefuError
  + SettingsError          the operator's configuration is wrong: print the sentence, exit
  + ConnectorError         a system of the shop could not do what we asked
    - BackendUnavailable   try again later, or hand off
      · BackendTimeout
    - BackendRejected      our request is wrong: fix the code
    - NotFound             tell the shopper; a stranger's thing looks the same
    - InvalidTransition    no longer in a state that allows this: tell the shopper the state now
    - Refused              a rule of the shop says no; `code` names the rule
"""


class KefuError(Exception):
    """Root of all errors that Kefu raises on purpose."""


class SettingsError(KefuError):
    """The configuration cannot be used; the message is one sentence for the operator."""


class ConnectorError(KefuError):
    """Root of what a port to the shop's systems may raise."""


class BackendUnavailable(ConnectorError):
    """The system behind a port cannot be reached."""


class BackendTimeout(BackendUnavailable):
    """The system behind a port did not answer in time."""


class BackendRejected(ConnectorError):
    """The system behind a port says that our request is malformed."""


class NotFound(ConnectorError):
    """There is no such thing, or it belongs to somebody else; the two are never told apart."""


class InvalidTransition(ConnectorError):
    """The thing is in a state from which the asked step is impossible."""


class Refused(ConnectorError):
    """A rule of the shop forbids the step; ``code`` is the refusal's enum value."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
