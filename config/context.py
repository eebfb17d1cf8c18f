"""What every page knows: where it stands, who looks, and what they may open."""

from django.conf import settings

from accounts.views.base import permissions_for
from config.demo.cast import PASSWORD
from config.navigation import navigation_for
from consent.domain.queries import takes_part


def house(request):
    company = getattr(request, "tenant", None)
    if company is None:
        return {"demo": settings.DEMO, "navigation": []}
    person = request.user if request.user.is_authenticated else None
    in_company = company.schema_name != settings.PLATFORM_SCHEMA
    return {
        "demo": settings.DEMO,
        "demo_password": PASSWORD if settings.DEMO else None,
        "company_name": company.name,
        "person": person,
        "navigation": navigation_for(request.path, permissions_for(request)) if person else [],
        "leave_url": "/me/leave/" if person and in_company and takes_part(person) else None,
    }
