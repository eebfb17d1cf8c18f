"""Showing one's score to somebody, taking that back, and looking at what is shown to one."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from consent.views.mine import MineView, OwnDataView
from scoring.domain import shares
from scoring.models import Score
from scoring.share_forms import ShareForm
from scoring.views.telling import tell


class Shares(OwnDataView):
    """Who may see my score: nobody, or whom I name here."""

    reason = "Opening the page of whom one shows one’s score to"

    def get(self, request):
        return self._page(request, ShareForm(person=request.user))

    def post(self, request):
        form = ShareForm(request.POST, person=request.user)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            shares.show_score(request.user, **form.cleaned_data, at=timezone.now())
        except shares.NotShared as refusal:
            form.add_error(None, str(refusal))
            return self._page(request, form, status=422)
        messages.success(request, "They can see it now, and are told so by mail.")
        return redirect("mine:shares")

    def _page(self, request, form, status=200):
        context = {"form": form, "shares": shares.shares_of(request.user)}
        return render(request, "mine/shares.html", context, status=status)


class EndShare(OwnDataView):
    reason = "Taking back whom one shows one’s score to"

    def post(self, request, pk):
        shares.end_share(request.user, pk, at=timezone.now())
        messages.success(request, "It is taken back. They see nothing of it any more.")
        return redirect("mine:shares")


class Shared(MineView):
    """Scores that others show me. Listing them looks at none."""

    def get(self, request):
        return render(request, "mine/shared.html", {"shares": shares.shown_to(request.user)})


class SharedScore(MineView):
    """One of them: value, date and model, never the weeks behind it."""

    def get(self, request, pk):
        share = get_object_or_404(shares.shown_to(request.user), pk=pk)
        with shares.look(share, by=request.user, at=timezone.now()):
            scores = Score.objects.filter(person=share.person_id).select_related("run__model")
            score = scores.order_by("-run_id").first()
        context = {"share": share, "score": score, "told": tell(score) if score and score.kinds else None}
        return render(request, "mine/shared_score.html", context)
