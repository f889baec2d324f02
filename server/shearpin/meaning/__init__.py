"""Whole-workspace meaning of Python: names, values, objects and call edges. Knows no library; asks models."""
