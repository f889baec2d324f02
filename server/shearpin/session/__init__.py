"""One open workspace: files, settings and rules composed, for editors, terminals and agents."""

from shearpin.engine.findings import Counts
from shearpin.rulekit.edits import FileEdit
from shearpin.session.model import FixOutcome, Refused, Report
from shearpin.session.score import NO_SERVICE, Score, ScoredSite, share
from shearpin.session.session import Session
from shearpin.workspace.workspace import Change

__all__ = [
    "NO_SERVICE",
    "Change",
    "Counts",
    "FileEdit",
    "FixOutcome",
    "Refused",
    "Report",
    "Score",
    "ScoredSite",
    "Session",
    "share",
]
