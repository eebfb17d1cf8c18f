"""A company's portal: by audience, each app gives its three lists."""

from django.conf import settings
from django.urls import include, path

from accounts import urls as accounts
from config.views import first_page
from consent import urls as consent
from scoring import urls as scoring

handler500 = "config.views.server_error"
urlpatterns = [
    path("", first_page, name="first_page"),
    path("accounts/", include("config.urls_sign_in")),
    path("me/", include(([*consent.mine, *scoring.mine, *accounts.mine], "mine"))),
    path("manage/", include(([*accounts.manage, *consent.manage, *scoring.manage], "manage"))),
    path("compliance/", include((consent.compliance, "compliance"))),
    path("ledger/", include((consent.feed, "feed"))),
    path("leave/", include(consent.mailed)),
    path("in/", include(scoring.delivered)),
    path("bias-audit/", include(scoring.public)),
    path("left/", include((consent.gone, "gone"))),
]
if settings.DEMO:
    urlpatterns += [path("demo/", include("config.demo.urls"))]
