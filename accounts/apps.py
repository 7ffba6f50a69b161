from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import requesters
        from accounts.services import access_grants, api_keys

        requesters.SOURCES.register(api_keys.names_of)
        access_grants.SOURCES.register(api_keys.grants_of)
