"""Scoring's pages, by audience."""

from datetime import date

from django.urls import path, register_converter

from scoring.views import (
    audits,
    disputes,
    explained,
    figures,
    inbox,
    inboxes,
    live,
    my_sources,
    previews,
    reviews,
    shares,
    sources,
    uploads,
    weeks,
)
from scoring.views import manage as stewards
from scoring.views import mine as own
from scoring.views import models as model_pages


class DayConverter:
    """A day in an address; what is no day of the calendar is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")

mine = [
    path("", own.Home.as_view(), name="home"),
    path("score/", own.MyScore.as_view(), name="score"),
    path("score/behind/", explained.Behind.as_view(), name="score_behind"),
    path("score/without/<uuid:source>/", explained.Without.as_view(), name="score_without"),
    path("score/shares/", shares.Shares.as_view(), name="shares"),
    path("score/shares/<uuid:pk>/end/", shares.EndShare.as_view(), name="end_share"),
    path("shared/", shares.Shared.as_view(), name="shared"),
    path("shared/<uuid:pk>/", shares.SharedScore.as_view(), name="shared_score"),
    path("score/check.zip", explained.Check.as_view(), name="score_check"),
    path("weeks/", weeks.MyWeeks.as_view(), name="weeks"),
    path("weeks/<day:week>/exclude/", weeks.LeaveOut.as_view(), name="exclude_week"),
    path("weeks/<day:week>/include/", weeks.CountAgain.as_view(), name="include_week"),
    path("weeks/<day:week>/<int:grant>/<int:kind>/exclude/", weeks.LeaveOut.as_view(), name="exclude"),
    path("weeks/<day:week>/<int:grant>/<int:kind>/include/", weeks.CountAgain.as_view(), name="include"),
    path("weeks/kinds/<int:kind>/exclude/", weeks.LeaveOut.as_view(), name="exclude_kind"),
    path("weeks/kinds/<int:kind>/include/", weeks.CountAgain.as_view(), name="include_kind"),
    path("weeks/sources/<uuid:source>/exclude/", weeks.LeaveOut.as_view(), name="exclude_source"),
    path("weeks/sources/<uuid:source>/include/", weeks.CountAgain.as_view(), name="include_source"),
    path("sources/<uuid:source>/", my_sources.MySource.as_view(), name="source"),
    path("disputes/", disputes.MyDisputes.as_view(), name="disputes"),
    path("disputes/new/", disputes.NewDispute.as_view(), name="dispute_new"),
    path("disputes/<uuid:pk>/", disputes.MyDispute.as_view(), name="dispute"),
    path("disputes/<uuid:pk>/appeal/", disputes.Appeal.as_view(), name="dispute_appeal"),
    path("pause/", own.PauseNow.as_view(), name="pause"),
    path("resume/", own.Resume.as_view(), name="resume"),
    path("leave/", own.Leave.as_view(), name="leave"),
    path("model/", own.Model.as_view(), name="model"),
    path("notice/", live.Notice.as_view(), name="notice"),
    path("model/evaluation/", own.ModelEvaluation.as_view(), name="model_evaluation"),
]
manage = [
    path("sources/", sources.Sources.as_view(), name="sources"),
    path("sources/new/", sources.NewSource.as_view(), name="source_new"),
    path("sources/<uuid:pk>/", sources.SourcePage.as_view(), name="source"),
    path("sources/<uuid:pk>/retire/", sources.Retire.as_view(), name="retire_source"),
    path("sources/<uuid:pk>/remove/", sources.Remove.as_view(), name="remove_source"),
    path("sources/<uuid:pk>/stop/", sources.Stop.as_view(), name="stop_source"),
    path("sources/<uuid:pk>/start/", sources.Start.as_view(), name="start_source"),
    path("sources/<uuid:pk>/upload/", uploads.Upload.as_view(), name="upload"),
    path("sources/<uuid:pk>/inbox/", inboxes.InboxPage.as_view(), name="inbox"),
    path("sources/<uuid:pk>/inbox/secret/", inboxes.ChangeSecret.as_view(), name="inbox_secret"),
    path("sources/<uuid:pk>/inbox/secret/drop/", inboxes.DropSecret.as_view(), name="inbox_drop_secret"),
    path("sources/<uuid:pk>/inbox/people/", inboxes.NameHandles.as_view(), name="inbox_people"),
    path("sources/<uuid:pk>/inbox/close/", inboxes.CloseInbox.as_view(), name="inbox_close"),
    path("imports/<uuid:pk>/", uploads.Receipt.as_view(), name="receipt"),
    path("imports/<uuid:pk>/mapping/", uploads.Mapping.as_view(), name="mapping"),
    path("imports/<uuid:pk>/discard/", uploads.Discard.as_view(), name="discard"),
    path("imports/<uuid:pk>/malformed.csv", uploads.Malformed.as_view(), name="malformed"),
    path("figures/", figures.Figures.as_view(), name="figures"),
    path("disputes/", reviews.Disputes.as_view(), name="disputes"),
    path("disputes/<uuid:pk>/", reviews.AnswerDispute.as_view(), name="dispute"),
    path("models/", model_pages.Models.as_view(), name="models"),
    path("models/drafts/new/", model_pages.NewDraft.as_view(), name="model_new"),
    path("models/drafts/file/", model_pages.ImportModel.as_view(), name="model_import"),
    path("models/drafts/<int:pk>/", model_pages.EditDraft.as_view(), name="model_draft"),
    path("models/drafts/<int:pk>/preview/", previews.DraftPreview.as_view(), name="model_draft_preview"),
    path("models/preview/<uuid:pk>/", previews.ProposalPreview.as_view(), name="model_preview"),
    path("models/drafts/<int:pk>/propose/", model_pages.ProposeDraft.as_view(), name="model_propose"),
    path("models/drafts/<int:pk>/discard/", model_pages.ThrowAway.as_view(), name="model_throw_away"),
    path("models/audits/", audits.Audits.as_view(), name="audits"),
    path("models/audits/new/", audits.NewAudit.as_view(), name="audit_new"),
    path("models/audits/<int:pk>/", audits.AuditPage.as_view(), name="audit"),
    path("models/audits/<int:pk>/audit.csv", audits.AuditCsv.as_view(), name="audit_csv"),
    path("models/audits/<int:pk>/audit.pdf", audits.AuditPdf.as_view(), name="audit_pdf"),
    path("models/audits/<int:pk>/publish/", audits.Publish.as_view(), name="audit_publish"),
    path("models/<int:number>/again/", model_pages.NewDraft.as_view(), name="model_again"),
    path("models/<int:number>/model.yaml", model_pages.ModelFile.as_view(), name="model_file"),
    path("models/<int:number>/card/", model_pages.ModelCard.as_view(), name="model_card"),
    path("models/<int:number>/evaluation/", model_pages.ModelEvaluation.as_view(), name="model_evaluation"),
    path("models/<int:number>/card.pdf", model_pages.ModelCardPdf.as_view(), name="model_card_pdf"),
    path("live/", live.Live.as_view(), name="live"),
    path("live/prepare/<str:kind>/", live.Prepare.as_view(), name="live_prepare"),
    path("live/propose/", live.ProposeLive.as_view(), name="live_propose"),
    path("live/off/", live.SwitchOff.as_view(), name="live_off"),
    path("live/prepared/<uuid:pk>/", live.Prepared.as_view(), name="live_prepared"),
    path("runs/", stewards.Runs.as_view(), name="runs"),
    path("runs/bounds/", stewards.Bounds.as_view(), name="run_bounds"),
    path("runs/<int:pk>/", stewards.RunPage.as_view(), name="run"),
    path("runs/recompute/", stewards.Recompute.as_view(), name="recompute"),
]
delivered = [path("<uuid:source>/", inbox.TakeIn.as_view(), name="take_in")]
public = [
    path("", audits.PublicAudit.as_view(), name="bias_audit"),
    path("audit.csv", audits.PublicCsv.as_view(), name="bias_audit_csv"),
]
