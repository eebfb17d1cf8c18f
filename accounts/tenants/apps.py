from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "accounts.tenants"
    label = "tenants"
    verbose_name = "Companies and their schemas"

    def ready(self) -> None:
        from accounts.tenants import checks  # noqa: F401, PLC0415 - registers the start-up checks
