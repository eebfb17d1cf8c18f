"""Companies and the health of the whole, as the operator sees them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.domain.addresses import site_of
from accounts.domain.companies import NameTaken, has_owner, invite_owner, order_company, reopen, suspend
from accounts.domain.health import examine
from accounts.forms import CompanyForm, OwnerForm
from accounts.states import Permission
from accounts.tenants.context import in_public
from accounts.tenants.models import Company
from accounts.views.base import PermissionView

COMPANIES_A_PAGE = 50


class CompaniesView(PermissionView):
    permission = Permission.MANAGE_COMPANIES


class Companies(CompaniesView):
    def get(self, request):
        with in_public():
            companies = Company.objects.select_related("host").order_by("name", "pk")
            page = Paginator(companies, COMPANIES_A_PAGE).get_page(request.GET.get("page"))
            page.object_list = list(page.object_list)
        return render(request, "platform/companies.html", {"page": page})


class NewCompany(CompaniesView):
    """Order a company; a worker makes it while the operator watches."""

    def get(self, request):
        return self._page(request, CompanyForm())

    def post(self, request):
        form = CompanyForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            job = order_company(form.order(), by=request.user, at=timezone.now())
        except NameTaken as taken:
            form.add_error(taken.field, str(taken))
            return self._page(request, form, status=422)
        return redirect("platform:job", job.pk)

    def _page(self, request, form, status=200):
        return render(request, "platform/company_new.html", {"form": form}, status=status)


class CompanyPage(CompaniesView):
    def get(self, request, pk):
        company = _company_or_404(pk)
        return _company_page(request, company, OwnerForm())


class InviteOwner(CompaniesView):
    """For a company whose last owner was erased."""

    def post(self, request, pk):
        company, form = _company_or_404(pk), OwnerForm(request.POST)
        if not form.is_valid():
            return _company_page(request, company, form, status=422)
        invite_owner(company, email=form.cleaned_data["email"], by=request.user, at=timezone.now())
        messages.success(request, "They are invited. Whoever they let in is theirs to say.")
        return redirect("platform:company", pk)


def _company_page(request, company, form, status=200):
    context = {
        "company": company,
        "site": site_of(company.host.domain),
        "has_owner": company.schema_name == request.tenant.schema_name or has_owner(company),
        "form": form,
    }
    return render(request, "platform/company.html", context, status=status)


class Suspend(CompaniesView):
    def post(self, request, pk):
        company = _company_or_404(pk)
        suspend(company, by=request.user, at=timezone.now())
        messages.success(request, f"{company.name} is suspended. Nobody gets in, and no worker works for it.")
        return redirect("platform:company", pk)


class Reopen(CompaniesView):
    def post(self, request, pk):
        company = _company_or_404(pk)
        reopen(company, by=request.user, at=timezone.now())
        messages.success(request, f"{company.name} is open again.")
        return redirect("platform:company", pk)


def _company_or_404(pk: int) -> Company:
    with in_public():
        return get_object_or_404(Company.objects.select_related("host"), pk=pk)


class Health(PermissionView):
    permission = Permission.SEE_HEALTH

    def get(self, request):
        return render(request, "platform/health.html", {"findings": examine(at=timezone.now())})
