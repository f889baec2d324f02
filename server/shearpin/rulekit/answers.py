"""The answers that `Ask` gives, for the annotations of rules: a rule imports nothing of `flow` itself."""

from __future__ import annotations

from shearpin.flow.confirming import Delivery
from shearpin.flow.consumers import Handling
from shearpin.flow.effects import Reached
from shearpin.flow.repeating import Repeated, Repeats

__all__ = ["Delivery", "Handling", "Reached", "Repeated", "Repeats"]
