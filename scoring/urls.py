"""Scoring's pages, by audience."""

from django.urls import path

from scoring.views import mine as own

mine = [
    path("", own.Home.as_view(), name="home"),
    path("score/", own.MyScore.as_view(), name="score"),
    path("leave/", own.Leave.as_view(), name="leave"),
    path("model/", own.Model.as_view(), name="model"),
]
manage: list = []
