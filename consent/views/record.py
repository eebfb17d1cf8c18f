"""The record of processing activities (GDPR Article 30), made from the data map and the purposes in force."""

import csv
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.data_map import data_map, rows_in_all
from consent.models import PurposeVersion

COLUMNS = (
    "purpose", "version", "text", "legal_basis", "assessment", "data_subjects", "categories_of_data", "recipients",
    "transfers", "kept_for_days", "minimum_age", "rows_now", "security",
)  # fmt: skip
SUBJECTS = "Employees"
TRANSFERS = "None: nothing leaves the company’s own schema"
SECURITY = "Row security with a receipt before each look; a database role per company; append-only ledger"
FEW = "not said: fewer than 5 take part"


@dataclass(frozen=True)
class Activity:
    """One purpose in force and what is read for it. `rows` is None where few people would be told on."""

    purpose: PurposeVersion
    categories: list[str]
    rows: int | None

    @property
    def recipients(self) -> str:
        said = {
            "self": "the person", "named": "whom the person names",
            "machine": "nobody: the machine works inside the database",
        }  # fmt: skip
        return ", ".join(said.get(reader, f"the {reader}") for reader in self.purpose.readers)


class Record(PermissionView):
    permission = Permission.READ_RECORD

    def get(self, request):
        numbers = rows_in_all()
        context = {
            "activities": _activities(numbers),
            "kinds": [(kind, numbers[kind.table]) for kind in data_map() if kind.is_about_people],
        }
        return render(request, "compliance/record.html", context)


class RecordFile(PermissionView):
    """The same as a CSV file."""

    permission = Permission.READ_RECORD

    def get(self, _request):
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="record-of-processing.csv"'
        writer = csv.writer(response)
        writer.writerow(COLUMNS)
        writer.writerows(_row(activity) for activity in _activities(rows_in_all()))
        return response


def _activities(numbers):
    holds = {kind.table: kind.holds for kind in data_map()}
    for purpose in PurposeVersion.objects.current().order_by("pk"):
        tables = sorted({*purpose.tables, *purpose.works_on})
        known = [numbers[table] for table in tables]
        yield Activity(purpose, [holds[table] for table in tables], None if None in known else sum(known))


def _row(activity):
    purpose = activity.purpose
    return (
        purpose.title, purpose.version, purpose.text, purpose.legal_basis, purpose.assessment, SUBJECTS,
        " ".join(activity.categories), activity.recipients, TRANSFERS, purpose.keeps_for.days, purpose.minimum_age,
        FEW if activity.rows is None else activity.rows, SECURITY,
    )  # fmt: skip
