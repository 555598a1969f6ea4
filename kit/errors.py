"""The one family of errors: each carries a sentence for people and the HTTP status it answers with."""

from __future__ import annotations


class BatonError(Exception):
    """Something went wrong in Baton."""

    status = 500

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        """`message` says what happened (default: the class docstring); `hint` says what to do."""
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.hint = hint
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """A stable machine-readable name: the class name in snake case without "Error"."""
        name = type(self).__name__.removesuffix("Error")
        return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))

    def as_json(self) -> dict[str, str]:
        """The JSON body of a refusal."""
        body = {"error": self.code, "message": self.message}
        return body | {"hint": self.hint} if self.hint else body


class NotFoundError(BatonError):
    """There is no such thing here."""

    status = 404


class InvalidInputError(BatonError):
    """The input cannot be accepted as it is."""

    status = 422


class NotAllowedError(BatonError):
    """You are not allowed to do this."""

    status = 403


class NotAuthenticatedError(BatonError):
    """A valid token is needed."""

    status = 401


class ConflictError(BatonError):
    """Someone else changed this in the meantime."""

    status = 409


class TooManyRequestsError(BatonError):
    """Too many tries; wait a little."""

    status = 429

    def __init__(self, message: str | None = None, *, hint: str | None = None, retry_after: float | None = None) -> None:
        """`retry_after`: seconds until the next try may work."""
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class UnavailableError(BatonError):
    """A part that is needed is not there at the moment."""

    status = 503
