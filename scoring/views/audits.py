"""Bias audits: made by a steward of a file that is never kept, shown to anybody once published."""

from django import forms
from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.states import Permission
from accounts.tenants.context import current_company_name
from accounts.views.base import PermissionView
from consent.domain.certificates import as_pdf
from scoring.domain import audits
from scoring.domain.audit_files import NoAuditFile, read
from scoring.models import BiasAudit

AUDITS_A_PAGE = 25


class AuditForm(forms.Form):
    file = forms.FileField(
        label="The file",
        help_text="CSV, at most 2 MB. First column “address”, then one to four columns such as sex or ethnicity. Leave"
        " empty what is not known.",
        error_messages={"required": "Choose a file of at most 2 MB.", "empty": "The file is empty."},
    )


class AuditsView(PermissionView):
    permission = Permission.MANAGE_MODELS


class Audits(AuditsView):
    def get(self, request):
        made = BiasAudit.objects.select_related("model").defer("model__decay", "figures").order_by("-audited_at")
        page = Paginator(made, AUDITS_A_PAGE).get_page(request.GET.get("page"))
        return render(request, "manage/audits.html", {"page": page})


@method_decorator(csrf_exempt, name="dispatch")
class NewAudit(AuditsView):
    """The file stays in memory: Django would write a large one to disk, so here it has nothing to do that with.

    That must be said before anything reads the request, the check for forgery included: hence it comes second.
    """

    def dispatch(self, request, *args, **kwargs):
        request.upload_handlers = [MemoryFileUploadHandler(request)]
        return self.checked(request, *args, **kwargs)

    @method_decorator(csrf_protect)
    def checked(self, request, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        return render(request, "manage/audit_new.html", {"form": AuditForm()})

    def post(self, request):
        form = AuditForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                answers = read(form.cleaned_data["file"].read())
                audit, strangers = audits.audit_model(answers, by=request.user, at=timezone.now())
            except (NoAuditFile, audits.NotAudited) as refusal:
                form.add_error("file", str(refusal))
            else:
                messages.success(request, _said(answers, strangers))
                return redirect("manage:audit", audit.pk)
        return render(request, "manage/audit_new.html", {"form": form}, status=422)


def _said(answers, strangers):
    return (
        f"It is audited, and the file is forgotten. {len(answers.by_address)} addresses were read; {strangers} of them"
        f" are nobody’s here, and {answers.repeated} came more than once."
    )


class AuditPage(AuditsView):
    def get(self, request, pk):
        return render(request, "manage/audit.html", _told(_audit(pk)))


class AuditCsv(AuditsView):
    def get(self, request, pk):  # noqa: ARG002
        return _csv(_audit(pk))


class AuditPdf(AuditsView):
    """On paper. Where Pango is missing, it is the same as a page."""

    def get(self, request, pk):  # noqa: ARG002
        html = render_to_string("manage/audit_pdf.html", _told(_audit(pk)) | {"company_name": current_company_name()})
        try:
            paper, kind, content_type = as_pdf(html), "pdf", "application/pdf"
        except OSError:
            paper, kind, content_type = html, "html", "text/html; charset=utf-8"
        name = f'attachment; filename="bias-audit.{kind}"'
        return HttpResponse(paper, content_type=content_type, headers={"Content-Disposition": name})


class Publish(AuditsView):
    def post(self, request, pk):
        audits.publish(_audit(pk), by=request.user, at=timezone.now())
        messages.success(request, "It is published. Anybody can read it, without an account.")
        return redirect("manage:audit", pk)


class PublicAudit(View):
    """The newest audit that was published, for anybody."""

    def get(self, request):
        audit = _published()
        context = _told(audit) if audit else {}
        return render(request, "bias_audit.html", context | {"company_name": current_company_name()})


class PublicCsv(View):
    def get(self, request):  # noqa: ARG002
        audit = _published()
        if audit is None:
            raise Http404
        return _csv(audit)


def _audit(pk):
    return get_object_or_404(BiasAudit.objects.select_related("model"), pk=pk)


def _published():
    made = BiasAudit.objects.select_related("model").filter(published_at__isnull=False)
    return made.order_by("-audited_at").first()


def _told(audit):
    rate = audit.figures["above"] / audit.figures["people"]
    return {"audit": audit, "tables": audits.tables(audit), "rate": rate}


def _csv(audit):
    name = 'attachment; filename="bias-audit.csv"'
    content_type = "text/csv; charset=utf-8"
    return HttpResponse(audits.as_csv(audit), content_type=content_type, headers={"Content-Disposition": name})
