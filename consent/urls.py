"""Consent's pages, by audience."""

mine: list = []
compliance: list = []
