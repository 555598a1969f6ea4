"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass

from bot.project.types import Place


@dataclass(frozen=True)
class Finding:
    """Something to mend (`error`) or to think about (`warning`), where, and how."""

    severity: str
    place: Place
    message: str
    remedy: str

    @classmethod
    def error(cls, place: Place, message: str, *, remedy: str) -> Finding:
        """The bot would go wrong."""
        return cls("error", place, message, remedy)

    @classmethod
    def warning(cls, place: Place, message: str, *, remedy: str) -> Finding:
        """The bot goes on, but somebody may have meant something else."""
        return cls("warning", place, message, remedy)

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} {self.remedy}"
