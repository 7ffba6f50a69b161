"""The pages of senders and connections, and providers' webhooks."""

from django.urls import path

from identities.providers.email import gmail
from identities.providers.linkedin import views as linkedin
from identities.providers.linkedin import webhook as linkedin_webhook
from identities.providers.mcp import views as mcp
from identities.providers.resend import webhook as resend_webhook
from identities.views import connections, senders

_ROOT = "settings/senders/"

urlpatterns = [
    path("webhooks/resend/<str:channel_id>/", resend_webhook.resend, name="resend_webhook"),
    path("oauth/client.json", mcp.client_document, name="mcp_client_document"),
    path("webhooks/unipile/<str:login_id>/", linkedin_webhook.unipile, name="unipile_webhook"),
    path(_ROOT, senders.senders, name="senders"),
    path(f"{_ROOT}new/", senders.new_sender, name="new_sender"),
    path(f"{_ROOT}connections/<slug:kind>/", connections.connection, name="connection"),
    path(f"{_ROOT}gmail/back/", gmail.back, name="gmail_back"),
    path(f"{_ROOT}servers/new/", connections.new_server, name="new_server"),
    path(f"{_ROOT}servers/back/", mcp.back, name="mcp_oauth_back"),
    path(f"{_ROOT}servers/<str:channel_id>/oauth/", mcp.start, name="mcp_oauth"),
    path(f"{_ROOT}servers/<str:channel_id>/", connections.server, name="server"),
    path(f"{_ROOT}channels/<str:channel_id>/try/", connections.try_channel, name="try_channel"),
    path(f"{_ROOT}channels/<str:channel_id>/allow/", connections.allow, name="allow_in_channel"),
    path(
        f"{_ROOT}channels/<str:channel_id>/webhook/", connections.save_webhook, name="save_webhook"
    ),
    path(f"{_ROOT}channels/<str:channel_id>/close/", connections.close, name="close_channel"),
    path(f"{_ROOT}mailboxes/<str:mailbox_id>/try/", senders.try_mailbox, name="try_mailbox"),
    path(
        f"{_ROOT}mailboxes/<str:mailbox_id>/test-message/",
        senders.send_test_message,
        name="send_test_message",
    ),
    path(f"{_ROOT}mailboxes/<str:mailbox_id>/close/", senders.close_mailbox, name="close_mailbox"),
    path(f"{_ROOT}<str:identity_id>/", senders.sender, name="sender"),
    path(f"{_ROOT}<str:identity_id>/gmail/", gmail.start, name="connect_gmail"),
    path(f"{_ROOT}<str:identity_id>/mailbox/", senders.save_mailbox, name="save_mailbox"),
    path(
        f"{_ROOT}<str:identity_id>/resend/", senders.save_resend_address, name="save_resend_address"
    ),
    path(
        f"{_ROOT}<str:identity_id>/resend/close/",
        senders.close_resend_address,
        name="close_resend_address",
    ),
    path(f"{_ROOT}<str:identity_id>/limits/", senders.save_limits, name="save_limits"),
    path(f"{_ROOT}<str:identity_id>/linkedin/", senders.connect_linkedin, name="connect_linkedin"),
    path(
        f"{_ROOT}<str:identity_id>/linkedin/check/", senders.check_linkedin, name="check_linkedin"
    ),
    path(f"{_ROOT}<str:identity_id>/remove/", senders.remove_sender, name="remove_sender"),
    path(f"{_ROOT}<str:identity_id>/restore/", senders.restore_sender, name="restore_sender"),
    path("linkedin/<str:job_id>/", linkedin.login, name="linkedin_login"),
    path("linkedin/<str:job_id>/credentials/", linkedin.credentials, name="linkedin_credentials"),
    path("linkedin/<str:job_id>/there/", linkedin.there, name="linkedin_there"),
    path("linkedin/<str:job_id>/there/done/", linkedin.done, name="linkedin_done"),
    path("linkedin/<str:job_id>/there/failed/", linkedin.failed, name="linkedin_failed"),
    path("linkedin/<str:job_id>/here/", linkedin.here, name="linkedin_here"),
    path("linkedin/<str:job_id>/code/", linkedin.code, name="linkedin_code"),
    path("linkedin/<str:job_id>/resend/", linkedin.resend, name="linkedin_resend"),
    path("linkedin/<str:job_id>/cancel/", linkedin.cancel, name="linkedin_cancel"),
]
