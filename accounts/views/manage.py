"""People and their roles, as the owner sees them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import rules
from accounts.domain.addresses import site_of
from accounts.domain.invitation_mail import MailNotSent
from accounts.domain.invitations import AlreadyMember, invite, invite_again, withdraw_invitation
from accounts.domain.roles import give_role, roles_here, take_role, waits_for_approval
from accounts.forms import InviteForm
from accounts.models import Invitation, Person
from accounts.states import InvitationState, Permission, Role
from accounts.views.base import PermissionView

PEOPLE_A_PAGE = 50


class PeopleView(PermissionView):
    permission = Permission.MANAGE_PEOPLE


class People(PeopleView):
    """Who belongs here, and who was asked to."""

    def get(self, request):
        people = Person.objects.prefetch_related("roles").order_by("name", "pk")
        invitations = Invitation.objects.filter(state=InvitationState.OPEN).order_by("-invited_at")
        context = {
            "page": Paginator(people, PEOPLE_A_PAGE).get_page(request.GET.get("page")),
            "invitations": invitations,
            "now": timezone.now(),
        }
        return render(request, "manage/people.html", context)


class Invite(PeopleView):
    def get(self, request):
        return self._page(request, InviteForm())

    def post(self, request):
        form = InviteForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            _tell_sent(request, lambda: invite(**form.cleaned_data, **_from(request)), form.cleaned_data["email"])
        except AlreadyMember as refusal:
            form.add_error("email", str(refusal))
            return self._page(request, form, status=422)
        return redirect("manage:people")

    def _page(self, request, form, status=200):
        return render(request, "manage/people_invite.html", {"form": form}, status=status)


class InviteAgain(PeopleView):
    def post(self, request, pk):
        invitation = get_object_or_404(Invitation, pk=pk, state=InvitationState.OPEN)
        _tell_sent(request, lambda: invite_again(invitation, **_from(request)), invitation.email)
        return redirect("manage:people")


class WithdrawInvitation(PeopleView):
    def post(self, request, pk):
        invitation = get_object_or_404(Invitation, pk=pk)
        withdraw_invitation(invitation, by=request.user, at=timezone.now())
        messages.success(request, f"The invitation of {invitation.email} is withdrawn. Its link opens nothing now.")
        return redirect("manage:people")


def _from(request):
    return {"by": request.user, "at": timezone.now(), "link_base": site_of(request.tenant.host.domain)}


def _tell_sent(request, send, email):
    """Send, and say how it went. Where mail fails the invitation stands, so the list is the right place to go."""
    try:
        send()
    except MailNotSent as unsent:
        messages.warning(request, str(unsent))
    else:
        messages.success(request, f"{email} is invited. The link in the mail is good for seven days.")


class PersonPage(PeopleView):
    """One person, and every role with what it allows."""

    def get(self, request, pk):
        person = get_object_or_404(Person, pk=pk)
        held = person.role_names()
        roles = [
            (role, sorted(rules.ROLE_PERMISSIONS[role]), role in held, waits_for_approval(role))
            for role in roles_here()
        ]
        return render(request, "manage/people_person.html", {"shown": person, "roles": roles})


class GiveRole(PeopleView):
    def post(self, request, pk, role):
        person, role = get_object_or_404(Person, pk=pk), _role_or_404(role)
        give_role(person, role=role, by=request.user, at=timezone.now())
        messages.success(request, f"{person.name} is {role.label.lower()} now.")
        return redirect("manage:person", pk)


class TakeRole(PeopleView):
    def post(self, request, pk, role):
        person, role = get_object_or_404(Person, pk=pk), _role_or_404(role)
        take_role(person, role=role, by=request.user, at=timezone.now())
        messages.success(request, f"{person.name} is not {role.label.lower()} any more.")
        if person == request.user:  # may not be allowed back to this page
            return redirect("first_page")
        return redirect("manage:person", pk)


def _role_or_404(role: str) -> Role:
    if role not in Role:
        raise Http404
    return Role(role)


class Permissions(PeopleView):
    """Who can do what, rendered from the one table that decides it."""

    def get(self, request):
        roles = [(role.label, sorted(rules.ROLE_PERMISSIONS[role])) for role in roles_here()]
        return render(request, "manage/permissions.html", {"everyone": sorted(rules.EVERYONE), "roles": roles})
