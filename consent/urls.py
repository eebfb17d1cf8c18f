"""Consent's pages, by audience."""

from django.urls import path

from consent.views import approvals as deciders
from consent.views import (
    data,
    deadlines,
    erasing,
    erasing_others,
    holds,
    ledger,
    ledger_exports,
    ledger_feed,
    ledger_seal,
    ledger_searches,
    left,
    record,
    retention,
    taking,
    uses,
    ways_out,
    witnesses,
)
from consent.views import mine as own
from consent.views import proposing as authors

mine = [
    path("take-part/", own.TakePart.as_view(), name="take_part"),
    path("take-part/check/", own.Check.as_view(), name="check"),
    path("take-part/confirm/", own.Confirm.as_view(), name="confirm"),
    path("stay-out/", own.StayOut.as_view(), name="stay_out"),
    path("choices/<slug:reference>/", own.ChoiceMade.as_view(), name="choice"),
    path("data/", data.MyData.as_view(), name="data"),
    path("erase/", erasing.EraseMe.as_view(), name="erase"),
    path("erase/check/", erasing.EraseCheck.as_view(), name="erase_check"),
    path("erase/now/", erasing.EraseNow.as_view(), name="erase_now"),
    path("data/take/", taking.Take.as_view(), name="take"),
    path("data/take/<uuid:pk>/cancel/", taking.Cancel.as_view(), name="cancel_take"),
    path("data/take/<uuid:pk>/file/", taking.File.as_view(), name="take_file"),
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
manage = [
    path("approvals/", deciders.Approvals.as_view(), name="approvals"),
    path("approvals/policies/", authors.Policies.as_view(), name="approval_policies"),
    path("approvals/policies/<slug:key>/propose/", authors.ProposePolicy.as_view(), name="propose_policy"),
    path("approvals/purposes/<slug:key>/propose/", authors.ProposeWording.as_view(), name="propose_wording"),
    path("approvals/roles/<uuid:pk>/<slug:role>/propose/", authors.ProposeRole.as_view(), name="propose_role"),
    path("approvals/closing/propose/", authors.ProposeClosing.as_view(), name="propose_closing"),
    path("approvals/people/propose/", authors.ProposePeopleExport.as_view(), name="propose_people_export"),
    path("approvals/<uuid:pk>/", deciders.ProposalPage.as_view(), name="approval"),
    path("approvals/<uuid:pk>/approve/", deciders.Approve.as_view(), name="approve"),
    path("approvals/<uuid:pk>/send-back/", deciders.SendBack.as_view(), name="send_back"),
    path("approvals/<uuid:pk>/reject/", deciders.Reject.as_view(), name="reject"),
    path("approvals/<uuid:pk>/withdraw/", deciders.WithdrawProposal.as_view(), name="withdraw_proposal"),
    path("approvals/<uuid:pk>/execute/", deciders.Execute.as_view(), name="execute"),
    path("approvals/<uuid:pk>/export/", deciders.ExportPeople.as_view(), name="export_people"),
    path("approvals/<uuid:pk>/revise/", authors.Revise.as_view(), name="revise"),
]
compliance = [
    path("", deadlines.Board.as_view(), name="deadlines"),
    path("cases/<uuid:pk>/", deadlines.Case.as_view(), name="case"),
    path("cases/<uuid:pk>/extend/", deadlines.Extend.as_view(), name="extend"),
    path("cases/<uuid:pk>/late/", deadlines.WhyLate.as_view(), name="why_late"),
    path("retention/", retention.Retention.as_view(), name="retention"),
    path("holds/", holds.Holds.as_view(), name="holds"),
    path("holds/propose/", holds.ProposeHold.as_view(), name="propose_hold"),
    path("holds/<uuid:pk>/", holds.HoldPage.as_view(), name="hold"),
    path("holds/<uuid:pk>/look/", holds.LookAtHeld.as_view(), name="look_at_held"),
    path("holds/<uuid:pk>/review/", holds.Review.as_view(), name="review_hold"),
    path("holds/<uuid:pk>/lift/", holds.Lift.as_view(), name="lift_hold"),
    path("cases/<uuid:pk>/accept/", deadlines.AcceptRemainder.as_view(), name="accept_remainder"),
    path("deadlines/", deadlines.Policies.as_view(), name="deadline_policies"),
    path("deadlines/holidays/add/", deadlines.AddHoliday.as_view(), name="add_holiday"),
    path("deadlines/holidays/<slug:day>/remove/", deadlines.RemoveHoliday.as_view(), name="remove_holiday"),
    path("ledger/", ledger.Ledger.as_view(), name="ledger"),
    path("ledger/write/", ledger.WriteQuery.as_view(), name="write_query"),
    path("ledger/<int:pk>/", ledger.EntryPage.as_view(), name="ledger_entry"),
    path("ledger/<int:pk>/proof/", ledger.ProofFile.as_view(), name="ledger_proof"),
    path("ledger/seal/", ledger_seal.Seal.as_view(), name="ledger_seal"),
    path("ledger/seal/verify/", ledger_seal.VerifyNow.as_view(), name="verify_ledger"),
    path("ledger/seal/verify.py", ledger_seal.Verifier.as_view(), name="verifier"),
    path("ledger/searches/", ledger_searches.Save.as_view(), name="save_search"),
    path("ledger/searches/<int:pk>/", ledger_searches.Change.as_view(), name="saved_search"),
    path("ledger/searches/<int:pk>/delete/", ledger_searches.Delete.as_view(), name="delete_search"),
    path("ledger/exports/", ledger_exports.Exports.as_view(), name="ledger_exports"),
    path("ledger/exports/<uuid:pk>/", ledger_exports.ExportPage.as_view(), name="ledger_export"),
    path("ledger/exports/<uuid:pk>/cancel/", ledger_exports.CancelExport.as_view(), name="cancel_export"),
    path("ledger/exports/<uuid:pk>/file/", ledger_exports.ExportFile.as_view(), name="export_file"),
    path("erase/", erasing_others.ErasePerson.as_view(), name="erase_person"),
    path("processors/", erasing_others.Processors.as_view(), name="processors"),
    path("processors/<int:pk>/remove/", erasing_others.RemoveProcessor.as_view(), name="remove_processor"),
    path("record/", record.Record.as_view(), name="record"),
    path("record.csv", record.RecordFile.as_view(), name="record_file"),
    path("witnesses/", witnesses.Witnesses.as_view(), name="witnesses"),
    path("witnesses/new/", witnesses.AddWitness.as_view(), name="witness_new"),
    path("witnesses/<int:pk>/remove/", witnesses.RemoveWitness.as_view(), name="remove_witness"),
    path("witnesses/witness.py", witnesses.Tool.as_view(), name="witness_tool"),
    path("alarms/<int:pk>/resolve/", witnesses.ResolveAlarm.as_view(), name="resolve_alarm"),
]
# For machines: a witness's tool with its token, and whoever reads tiles.
feed = [
    path("witness/compare", ledger_feed.Compare.as_view(), name="witness_compare"),
    path("witness/cosignature/<int:size>", ledger_feed.Cosign.as_view(), name="witness_cosign"),
    path("checkpoint", ledger_feed.NewestCheckpoint.as_view(), name="ledger_checkpoint"),
    path("tile/<path:path>", ledger_feed.Tile.as_view(), name="ledger_tile"),
]
# For whoever holds the link of a mail.
mailed = [path("<slug:token>/", ways_out.WayOut.as_view(), name="way_out")]
# For whoever holds the link of an erasure: there is no account to sign in with any more.
gone = [
    path("<str:token>/", left.Left.as_view(), name="left"),
    path("<str:token>/certificate.pdf", left.CertificatePdf.as_view(), name="left_pdf"),
    path("<str:token>/certificate.json", left.CertificateFile.as_view(), name="left_json"),
    path("<str:token>/certificate.tlog-proof", left.CertificateProof.as_view(), name="left_proof"),
    path("<str:token>/verify.py", left.Verifier.as_view(), name="left_verifier"),
]
