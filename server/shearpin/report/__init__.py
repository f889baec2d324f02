"""Findings and graphs for people and programs: text, JSON, annotations, diagrams. Knows no terminal and no click."""
