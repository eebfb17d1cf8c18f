"""One-click sign-in as any of the cast. Mounted in demo mode alone."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import Person
from config.demo.cast import OPERATOR, PLAYERS, email_of


def who_plays(request):
    return render(request, "demo/who_plays.html", {"players": _players_of(request.tenant.schema_name)})


def enter(request, slug):
    """Sign in as one of the cast, without a password: the demo's banner says so on every page."""
    schema = request.tenant.schema_name
    player = next((player for player in _players_of(schema) if player.slug == slug), None)
    if player is None:
        raise Http404
    person = get_object_or_404(Person, email=email_of(player.name, schema), is_active=True)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("first_page")


def _players_of(schema: str):
    return (OPERATOR,) if schema == settings.PLATFORM_SCHEMA else PLAYERS
