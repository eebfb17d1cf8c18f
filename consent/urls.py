"""Consent's pages, by audience."""

from django.urls import path

from consent.views import data, ledger, ledger_exports, ledger_searches, record, uses
from consent.views import mine as own

mine = [
    path("take-part/", own.TakePart.as_view(), name="take_part"),
    path("take-part/check/", own.Check.as_view(), name="check"),
    path("take-part/confirm/", own.Confirm.as_view(), name="confirm"),
    path("stay-out/", own.StayOut.as_view(), name="stay_out"),
    path("choices/<slug:reference>/", own.ChoiceMade.as_view(), name="choice"),
    path("data/", data.MyData.as_view(), name="data"),
    path("uses/", uses.Uses.as_view(), name="uses"),
    path("grants/", own.Grants.as_view(), name="grants"),
    path("grants/<int:pk>/withdraw/", own.Withdraw.as_view(), name="withdraw_grant"),
    path("grants/source/<uuid:source>/withdraw/", own.Withdraw.as_view(), name="withdraw_source"),
    path(
        "grants/purpose/<slug:purpose_version__purpose>/withdraw/",
        own.Withdraw.as_view(),
        name="withdraw_purpose",
    ),
]
compliance = [
    path("ledger/", ledger.Ledger.as_view(), name="ledger"),
    path("ledger/write/", ledger.WriteQuery.as_view(), name="write_query"),
    path("ledger/<int:pk>/", ledger.EntryPage.as_view(), name="ledger_entry"),
    path("ledger/searches/", ledger_searches.Save.as_view(), name="save_search"),
    path("ledger/searches/<int:pk>/", ledger_searches.Change.as_view(), name="saved_search"),
    path("ledger/searches/<int:pk>/delete/", ledger_searches.Delete.as_view(), name="delete_search"),
    path("ledger/exports/", ledger_exports.Exports.as_view(), name="ledger_exports"),
    path("ledger/exports/<uuid:pk>/", ledger_exports.ExportPage.as_view(), name="ledger_export"),
    path("ledger/exports/<uuid:pk>/cancel/", ledger_exports.CancelExport.as_view(), name="cancel_export"),
    path("ledger/exports/<uuid:pk>/file/", ledger_exports.ExportFile.as_view(), name="export_file"),
    path("record/", record.Record.as_view(), name="record"),
    path("record.csv", record.RecordFile.as_view(), name="record_file"),
]
