"""Entries as events of the Open Cybersecurity Schema Framework, version 1.9 (schema.ocsf.io).

What has a class there gets it; the rest is a Base Event. Whatever has no attribute of its own stands in `unmapped`.
"""

from collections.abc import Callable
from typing import Any

from consent.audit.models import Entry

VERSION = "1.9.0"
BASE_EVENT, ENTITY_MANAGEMENT, GROUP_MANAGEMENT, USER_MANAGEMENT = 0, 3004, 3006, 3007
INFORMATIONAL, SUCCESS, OTHER = 1, 1, 99
# Numbers of activities: https://schema.ocsf.io/1.9.0/classes/entity_management and its neighbours.
CREATE, READ, DELETE, ENROLL, UNENROLL, ACTIVATE, DEACTIVATE, SUSPEND, RESUME = 1, 2, 4, 6, 7, 10, 11, 12, 13
GROUP_ADD_USER, GROUP_REMOVE_USER, GROUP_CREATE = 3, 4, 6
USER_CREATE, USER_ASSIGN_ROLES, USER_REMOVE_ROLES = 1, 16, 17

# Kind of entry: its class, its activity, and the key of the payload that names what was acted upon.
CLASSES: dict[str, tuple[int, int, str]] = {
    "accounts.person_invited": (ENTITY_MANAGEMENT, CREATE, "invitation"),
    "accounts.invitation_withdrawn": (ENTITY_MANAGEMENT, DELETE, "invitation"),
    "accounts.person_joined": (USER_MANAGEMENT, USER_CREATE, ""),
    "accounts.role_given": (USER_MANAGEMENT, USER_ASSIGN_ROLES, "role"),
    "accounts.role_taken": (USER_MANAGEMENT, USER_REMOVE_ROLES, "role"),
    "accounts.company_made": (ENTITY_MANAGEMENT, CREATE, "schema"),
    "accounts.company_suspended": (ENTITY_MANAGEMENT, SUSPEND, "schema"),
    "accounts.company_reopened": (ENTITY_MANAGEMENT, RESUME, "schema"),
    "accounts.team_made": (GROUP_MANAGEMENT, GROUP_CREATE, "team"),
    "accounts.team_joined": (GROUP_MANAGEMENT, GROUP_ADD_USER, "team"),
    "accounts.team_left": (GROUP_MANAGEMENT, GROUP_REMOVE_USER, "team"),
    "consent.grant_made": (ENTITY_MANAGEMENT, ENROLL, "grant"),
    "consent.grant_withdrawn": (ENTITY_MANAGEMENT, UNENROLL, "grant"),
    "consent.data_used": (ENTITY_MANAGEMENT, READ, "use"),
    "consent.source_made": (ENTITY_MANAGEMENT, CREATE, "source"),
    "consent.source_retired": (ENTITY_MANAGEMENT, DEACTIVATE, "source"),
    "consent.source_stopped": (ENTITY_MANAGEMENT, SUSPEND, "source"),
    "consent.source_started": (ENTITY_MANAGEMENT, RESUME, "source"),
    "consent.source_removed": (ENTITY_MANAGEMENT, DELETE, "source"),
    "consent.ledger_exported": (ENTITY_MANAGEMENT, READ, "export"),
    "scoring.file_taken": (ENTITY_MANAGEMENT, CREATE, "upload"),
    "scoring.file_read": (ENTITY_MANAGEMENT, READ, "upload"),
    "scoring.file_given_up": (ENTITY_MANAGEMENT, DELETE, "upload"),
    "scoring.pause_begun": (ENTITY_MANAGEMENT, SUSPEND, "pause"),
    "scoring.pause_ended": (ENTITY_MANAGEMENT, RESUME, "pause"),
    "scoring.run_finished": (ENTITY_MANAGEMENT, CREATE, "run"),
}


def ocsf_event(entry: Entry) -> dict[str, Any]:
    """One entry as one event. Nothing is lost: the whole payload stands in `unmapped`."""
    class_uid, activity, key = _class_of(entry)
    return {
        "activity_id": activity,
        "actor": _actor(entry),
        "category_uid": class_uid // 1000,
        "class_uid": class_uid,
        "message": str(entry),
        "metadata": _metadata(entry),
        "severity_id": INFORMATIONAL,
        "status_id": SUCCESS,
        "time": int(entry.at.timestamp() * 1000),
        "type_uid": class_uid * 100 + activity,
        "unmapped": {"about": entry.about and str(entry.about), "event": entry.event, "payload": entry.payload},
    } | SUBJECTS[class_uid](entry, key)


def _class_of(entry: Entry) -> tuple[int, int, str]:
    class_uid, activity, key = CLASSES.get(entry.event, (BASE_EVENT, OTHER, ""))
    # These classes require a user: an entry about nobody cannot be of them.
    if class_uid == USER_MANAGEMENT and entry.about is None:
        return BASE_EVENT, OTHER, ""
    return class_uid, activity, key


def _metadata(entry: Entry) -> dict[str, Any]:
    return {
        "event_code": entry.event,
        "log_name": "ledger",
        "logged_time": int(entry.recorded_at.timestamp() * 1000),
        "product": {"name": "Assent", "vendor_name": "Assent"},
        "uid": str(entry.pk),
        "version": VERSION,
    }


def _actor(entry: Entry) -> dict[str, Any]:
    return {"user": {"uid": str(entry.by)}} if entry.by else {"app_name": "Assent"}


def _entity(entry: Entry, key: str) -> dict[str, Any]:
    uid = entry.payload.get(key) or entry.pk
    return {"entity": {"data": entry.payload, "type": key, "type_id": OTHER, "uid": str(uid)}}


def _group(entry: Entry, key: str) -> dict[str, Any]:
    group = {"group": {"type": key, "uid": str(entry.payload.get(key))}}
    return group | ({"user": {"uid": str(entry.about)}} if entry.about else {})


def _user(entry: Entry, key: str) -> dict[str, Any]:
    user = {"user": {"uid": str(entry.about)}}
    return user | ({"iam_roles": [{"name": str(entry.payload.get(key))}]} if key else {})


def _nothing(_entry: Entry, _key: str) -> dict[str, Any]:
    return {}


SUBJECTS: dict[int, Callable[[Entry, str], dict[str, Any]]] = {
    BASE_EVENT: _nothing,
    ENTITY_MANAGEMENT: _entity,
    GROUP_MANAGEMENT: _group,
    USER_MANAGEMENT: _user,
}
