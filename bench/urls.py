from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path

from config.urls import urlpatterns as portal


@login_required
def bare(request):
    """What any signed-in page costs: company, session, person. No template, no rule of ours."""
    return HttpResponse(request.user.name)


urlpatterns = [path("bare/", bare), *portal]
