"""The first page: where each role begins its day."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
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


def _address(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
