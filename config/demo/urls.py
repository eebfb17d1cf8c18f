"""Pages of the demo alone: who plays, one-click sign-in, and the gallery of components."""

from django.urls import path

from config import gallery
from config.demo import views

urlpatterns = [
    path("", views.who_plays, name="demo"),
    path("enter/<slug:slug>/", views.enter, name="demo_enter"),
    path("gallery/", gallery.gallery, name="gallery"),
]
