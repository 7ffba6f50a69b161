"""The forms of a Resend connection."""

from django import forms

from identities.forms import SecretField, TokenForm


class ResendAddressForm(forms.Form):
    """The address a sender has at Resend."""

    resend_address = forms.EmailField(
        label="Resend address",
        max_length=254,
        required=False,
        help_text="Its domain must be verified at Resend. Leave empty for none.",
    )


class WebhookForm(TokenForm):
    """The secret a provider signs its reports with."""

    secret = SecretField(
        "Signing secret", "Begins with whsec_. Stored encrypted and never shown again."
    )
