"""The door for those who were invited."""

from django.views import View


class JoinView(View):
    """Accept an invitation."""
