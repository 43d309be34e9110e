"""Releases: immutable folders of gold with their provenance."""
