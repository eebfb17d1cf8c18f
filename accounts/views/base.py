"""What every page of ours stands on: a permission, and one place where refusals become sentences."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.views import View

from accounts import rules
from accounts.errors import DomainError
from accounts.states import Permission


def permissions_for(request) -> frozenset[Permission]:
    """What the person of this request may do here. Asked once a request."""
    if not request.user.is_authenticated:
        return frozenset()
    if not hasattr(request, "permissions"):
        is_platform = request.tenant.schema_name == settings.PLATFORM_SCHEMA
        request.permissions = rules.permissions_of(request.user.role_names(), is_operator_house=is_platform)
    return request.permissions


def refused(request, error: DomainError):
    """Say what was not done; to whoever can do something about it, where."""
    remedy = error.remedy if error.remedy and error.remedy.permission in permissions_for(request) else None
    context = {"title": error.title, "sentence": str(error), "remedy": remedy}
    return render(request, "refused.html", context, status=error.status)


class PermissionView(View):
    """Base of all views: refuses who lacks `permission`, and answers a DomainError with its sentence."""

    permission: ClassVar[Permission]

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if self.permission not in permissions_for(request):
            raise PermissionDenied
        try:
            return self.answer(request, *args, **kwargs)
        except DomainError as error:
            return refused(request, error)

    def answer(self, request, *args, **kwargs):
        """Answer somebody who may be here; a base class may wrap it."""
        return super().dispatch(request, *args, **kwargs)
