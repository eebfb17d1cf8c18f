"""Where services deliver events. Nobody is signed in here: the signature says who sends."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.errors import DomainError
from scoring.domain.inboxes import take
from scoring.inbox.deliveries import Delivery, Handshake, Refused
from scoring.models import Inbox
from scoring.states import InboxService

LARGEST_BODY = 1024 * 1024
# Zulip waits for an answer to post unless it is told that there is none; the others do not read it.
TAKEN = {"taken": True, "response_not_required": True}


@method_decorator(csrf_exempt, name="dispatch")
class TakeIn(View):
    """One delivery. Its body is read in memory, and neither kept nor logged."""

    def post(self, request, source):
        inbox = get_object_or_404(Inbox.objects.filter(is_open=True), pk=source)
        if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
            return _refused("The body is larger than 1 MB. Send fewer events at once.", 413)
        try:
            shaken = take(inbox, _delivery(request))
        except (Refused, DomainError) as refusal:
            return _refused(str(refusal), refusal.status)
        except RequestDataTooBig:
            return _refused("The body is larger than 1 MB. Send fewer events at once.", 413)
        if isinstance(shaken, Handshake):
            return HttpResponse(shaken.answer, content_type=shaken.content_type)
        return JsonResponse(TAKEN)

    def options(self, request, source):
        """The handshake of CloudEvents: whoever asks may send, if they can sign."""
        origin = request.headers.get("WebHook-Request-Origin", "")
        if not origin or not Inbox.objects.filter(pk=source, is_open=True, service=InboxService.CLOUDEVENTS).exists():
            return HttpResponseNotAllowed(["POST"])
        return HttpResponse(headers={"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*", "Allow": "POST"})


def _delivery(request) -> Delivery:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = {name.lower(): value for name, value in request.GET.items()}
    return Delivery(headers, query, request.body, timezone.now())


def _refused(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"taken": False, "why": sentence}, status=status)
