"""The first page, where each role begins its day; and the page for when something broke."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseServerError
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from accounts.states import Permission
from accounts.views.base import permissions_for

FIRST_PAGES = (
    (Permission.MANAGE_COMPANIES, "platform:companies"),
    (Permission.READ_LEDGER, "compliance:ledger"),
    (Permission.MANAGE_PEOPLE, "manage:people"),
    (Permission.MANAGE_SOURCES, "manage:sources"),
    (Permission.DECIDE, "manage:approvals"),
    (Permission.TAKE_PART, "mine:home"),
)


@login_required
def first_page(request):
    permissions = permissions_for(request)
    for permission, name in FIRST_PAGES:
        if permission in permissions and (url := _address(name)):
            return redirect(url)
    return redirect("mine:account")


def server_error(request):
    """Asks nothing of the database, which may be what broke. The way out stands here too."""
    company = getattr(request, "tenant", None)
    has_way_out = company is not None and company.schema_name != settings.PLATFORM_SCHEMA
    return HttpResponseServerError(render_to_string("500.html", {"leave_url": "/me/leave/" if has_way_out else None}))


def _address(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
