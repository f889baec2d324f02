"""What the author of a rule imports."""

from shearpin.rulekit.rule import Check, Rule, discover
from shearpin.rulekit.verdict import Confidence, Grade, Outcome, Severity, Verdict

__all__ = ["Check", "Confidence", "Grade", "Outcome", "Rule", "Severity", "Verdict", "discover"]
