"""Accounts' pages, by audience."""

mine: list = []
manage: list = []
platform: list = []
