"""The platform's own host: operators and their companies."""

from django.conf import settings
from django.urls import include, path

from accounts import urls as accounts
from config.views import first_page
from consent import urls as consent

urlpatterns = [
    path("", first_page, name="first_page"),
    path("accounts/", include("config.urls_sign_in")),
    path("platform/", include((accounts.platform, "platform"))),
    path("me/", include((accounts.mine, "mine"))),
    path("compliance/", include((consent.compliance, "compliance"))),
    path("ledger/", include((consent.feed, "feed"))),
    path("left/", include((consent.gone, "gone"))),
]
if settings.DEMO:
    urlpatterns += [path("demo/", include("config.demo.urls"))]
