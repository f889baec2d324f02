"""A comment that allows a finding where it stands, for a reason that its author has to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shearpin.engine.finding import Finding

if TYPE_CHECKING:
    from shearpin.session import FileEdit, Session


def allow_edit(session: Session, finding: Finding) -> tuple[FileEdit, ...]:
    """Not possible in this state."""
    del session, finding
    return ()
