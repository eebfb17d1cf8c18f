"""Consent's pages, by audience."""

from django.urls import path

from consent.views import compliance as officers
from consent.views import data, ledger_feed, record, uses, witnesses
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
    path("ledger/", officers.Ledger.as_view(), name="ledger"),
    path("record/", record.Record.as_view(), name="record"),
    path("record.csv", record.RecordFile.as_view(), name="record_file"),
    path("witnesses/", witnesses.Witnesses.as_view(), name="witnesses"),
    path("witnesses/new/", witnesses.AddWitness.as_view(), name="witness_new"),
    path("witnesses/<int:pk>/remove/", witnesses.RemoveWitness.as_view(), name="remove_witness"),
    path("witnesses/witness.py", witnesses.Tool.as_view(), name="witness_tool"),
    path("alarms/<int:pk>/resolve/", witnesses.ResolveAlarm.as_view(), name="resolve_alarm"),
]
# For machines: a witness's tool with its token, and whoever reads tiles.
ledger = [
    path("witness/compare", ledger_feed.Compare.as_view(), name="witness_compare"),
    path("witness/cosignature/<int:size>", ledger_feed.Cosign.as_view(), name="witness_cosign"),
    path("checkpoint", ledger_feed.NewestCheckpoint.as_view(), name="ledger_checkpoint"),
    path("tile/<path:path>", ledger_feed.Tile.as_view(), name="ledger_tile"),
]
