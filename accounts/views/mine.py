"""One's own account."""

from django.shortcuts import render

from accounts.states import Permission
from accounts.views.base import PermissionView


class Account(PermissionView):
    permission = Permission.SEE_ACCOUNT

    def get(self, request):
        roles = sorted(role.label for role in request.user.role_names())
        return render(request, "mine/account.html", {"roles": roles})
