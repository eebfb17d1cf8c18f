"""Accounts' pages, by audience."""

from django.urls import path

from accounts.views import jobs as work
from accounts.views import manage as owners
from accounts.views import mine as own
from accounts.views import platform as operators
from accounts.views import teams

mine = [path("account/", own.Account.as_view(), name="account")]
jobs = [
    path("jobs/<uuid:pk>/", work.JobPage.as_view(), name="job"),
    path("jobs/<uuid:pk>/cancel/", work.CancelJob.as_view(), name="cancel_job"),
]
manage = [
    path("settings/people/", owners.People.as_view(), name="people"),
    path("settings/people/invite/", owners.Invite.as_view(), name="invite"),
    path("settings/people/<uuid:pk>/", owners.PersonPage.as_view(), name="person"),
    path("settings/people/<uuid:pk>/roles/<slug:role>/give/", owners.GiveRole.as_view(), name="give_role"),
    path("settings/people/<uuid:pk>/roles/<slug:role>/take/", owners.TakeRole.as_view(), name="take_role"),
    path("settings/invitations/<uuid:pk>/send/", owners.InviteAgain.as_view(), name="invite_again"),
    path("settings/invitations/<uuid:pk>/withdraw/", owners.WithdrawInvitation.as_view(), name="withdraw_invitation"),
    path("settings/teams/", teams.Teams.as_view(), name="teams"),
    path("settings/teams/<uuid:pk>/", teams.TeamPage.as_view(), name="team"),
    path("settings/teams/<uuid:pk>/<uuid:person>/take-out/", teams.TakeOut.as_view(), name="take_out_of_team"),
    path("settings/permissions/", owners.Permissions.as_view(), name="permissions"),
    *jobs,
]
platform = [
    path("companies/", operators.Companies.as_view(), name="companies"),
    path("companies/new/", operators.NewCompany.as_view(), name="company_new"),
    path("companies/<int:pk>/", operators.CompanyPage.as_view(), name="company"),
    path("companies/<int:pk>/owner/", operators.InviteOwner.as_view(), name="invite_owner"),
    path("companies/<int:pk>/suspend/", operators.Suspend.as_view(), name="suspend_company"),
    path("companies/<int:pk>/reopen/", operators.Reopen.as_view(), name="reopen_company"),
    path("health/", operators.Health.as_view(), name="health"),
    *jobs,
]
