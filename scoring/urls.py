"""Scoring's pages, by audience."""

mine: list = []
manage: list = []
