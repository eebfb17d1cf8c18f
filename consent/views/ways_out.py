"""The page behind the link of a mail: one button. Opening it does nothing, since mail scanners open every link."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.errors import DomainError
from accounts.views.base import refused
from consent.domain.ways_out import leave_by_link, person_of


@method_decorator(csrf_exempt, name="dispatch")
class WayOut(View):
    """No session, no cookie: the link is the key. Mail programs post to it by themselves (RFC 8058), people by the
    button. The page says nothing of who it is or whether they take part: mail is forwarded and read over shoulders.
    """

    def dispatch(self, request, *args, **kwargs):
        try:
            answer = super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            answer = refused(request, error)
        patch_cache_control(answer, no_store=True, private=True)
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    def get(self, request, token):
        return render(request, "mine/way_out.html", {"is_gone": person_of(token) is None})

    def post(self, request, token):
        """Answers itself: mail programs follow no redirect of a POST. Pressing twice does no harm."""
        person = person_of(token)
        choice = leave_by_link(person, at=timezone.now()) if person else None
        return render(request, "mine/way_out.html", {"is_gone": person is None, "choice": choice})
