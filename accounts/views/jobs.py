"""Watching long work, and asking it to stop. The same page in companies and on the platform."""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.domain.jobs import request_cancel
from accounts.models import Job
from accounts.states import JOB_OVER, Permission
from accounts.views.base import PermissionView, permissions_for

# Who may watch what others have started; everyone may watch their own.
WATCHERS = frozenset({Permission.MANAGE_SOURCES, Permission.RUN_SCORING, Permission.MANAGE_COMPANIES})


def visible_jobs(request: HttpRequest):
    return Job.objects.all() if WATCHERS & permissions_for(request) else Job.objects.filter(started_by=request.user.pk)


class JobPage(PermissionView):
    permission = Permission.SEE_ACCOUNT  # `visible_jobs` narrows it

    def get(self, request, pk):
        job = get_object_or_404(visible_jobs(request), pk=pk)
        return render(request, "jobs/job.html", {"job": job, "is_active": job.state not in JOB_OVER})


class CancelJob(PermissionView):
    permission = Permission.SEE_ACCOUNT  # `visible_jobs` narrows it

    def post(self, request, pk):
        job = get_object_or_404(visible_jobs(request), pk=pk)
        request_cancel(job, by=request.user, at=timezone.now())
        messages.info(request, "It was asked to stop.")
        return redirect(f"{request.resolver_match.namespace}:job", pk)
