"""Each request stands in the company of its host, or nowhere."""

from django.conf import settings
from django.db import connection
from django.shortcuts import render
from django.urls import set_urlconf
from django.utils import timezone

from accounts.tenants.models import Company


class CompanyMiddleware:
    """Find the company of the host, enter its schema, role and time zone, and leave them when the response is made."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        connection.set_schema_to_public()
        company = Company.objects.select_related("host").filter(host__domain=_host_of(request)).first()
        if company is None:
            return render(request, "unknown_host.html", {"host": _host_of(request)}, status=404)
        if company.is_suspended:
            return render(request, "suspended.html", {"company_name": company.name}, status=403)
        request.tenant = company
        connection.set_tenant(company)
        request.urlconf = _urlconf_of(company)
        set_urlconf(request.urlconf)
        try:
            with timezone.override(company.time_zone):
                return self.get_response(request)
        finally:
            connection.set_schema_to_public()
            set_urlconf(None)


def _host_of(request) -> str:
    """The request's host in the form in which hosts are stored: no port, no final dot, small letters."""
    host = request.get_host().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].rstrip(".")


def _urlconf_of(company: Company) -> str:
    is_platform = company.schema_name == settings.PLATFORM_SCHEMA
    return settings.PUBLIC_SCHEMA_URLCONF if is_platform else settings.ROOT_URLCONF
