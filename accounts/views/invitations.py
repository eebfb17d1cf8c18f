"""The door for those who were invited."""

from django.conf import settings
from django.contrib.auth import login
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.domain.invitations import ErasedOnce, accept_invitation, find_invitation
from accounts.errors import DomainError
from accounts.forms import JoinForm


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class JoinView(View):
    """Accept an invitation. Open to whoever holds the link; what is wrong with a link is said in a sentence."""

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as refusal:
            return render(request, "invitations/refused.html", {"sentence": str(refusal)}, status=refusal.status)

    def get(self, request, token):
        return self._page(request, JoinForm(invitation=find_invitation(token, at=timezone.now())))

    def post(self, request, token):
        form = JoinForm(request.POST, invitation=find_invitation(token, at=timezone.now()))
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            person = accept_invitation(token, **form.cleaned_data, at=timezone.now())
        except ErasedOnce as once:
            form = JoinForm(request.POST, invitation=form.invitation, was_erased=True)
            form.add_error("comes_back", str(once))
            return self._page(request, form, status=422)
        login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("first_page")

    def _page(self, request, form, status=200):
        return render(request, "invitations/join.html", {"form": form}, status=status)
