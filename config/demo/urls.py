"""Pages of the demo alone."""

urlpatterns: list = []
