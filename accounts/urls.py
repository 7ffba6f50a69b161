from django.urls import path

from accounts.views import (
    access_grants,
    api_keys,
    audit,
    joining,
    login,
    me,
    members,
    password,
    verification,
)

urlpatterns = [
    path("login/", login.Login.as_view(), name="login"),
    path("logout/", login.logout, name="logout"),
    path("workspace/", login.switch_workspace, name="switch_workspace"),
    path("join/<str:token>/", joining.join, name="join"),
    path("verify/<str:token>/", verification.verify, name="verify_email"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/invite/", members.invite, name="invite"),
    path("settings/members/<str:membership_id>/role/", members.change_role, name="change_role"),
    path(
        "settings/members/<str:membership_id>/deactivate/",
        members.deactivate,
        name="deactivate_member",
    ),
    path(
        "settings/members/<str:membership_id>/reactivate/",
        members.reactivate,
        name="reactivate_member",
    ),
    path(
        "settings/members/<str:membership_id>/verify/",
        members.verification_link,
        name="verification_link",
    ),
    path(
        "settings/invitations/<str:invitation_id>/revoke/",
        members.revoke_invitation,
        name="revoke_invitation",
    ),
    path("settings/external-access/", access_grants.list_grants, name="external_access"),
    path("settings/external-access/seen/", access_grants.seen, name="external_access_seen"),
    path("settings/me/", me.me, name="me"),
    path("settings/me/names-in-notices/", me.names_in_notices, name="names_in_notices"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit/export/", audit.export, name="export_audit"),
    path("settings/audit/verify/", audit.verify, name="verify_audit"),
    path("settings/password/", password.confirm, name="confirm_password"),
    path("settings/api-keys/", api_keys.api_keys, name="api_keys"),
    path("settings/api-keys/<str:key_id>/renew/", api_keys.renew, name="renew_api_key"),
    path("settings/api-keys/<str:key_id>/revoke/", api_keys.revoke, name="revoke_api_key"),
]
