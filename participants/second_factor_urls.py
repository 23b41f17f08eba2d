"""Pages that stand in for allauth's of the same name."""

from django.urls import path

from participants.second_factor_views import ActivateApp, AddPasskey, RemovePasskey

urlpatterns = [
    path("totp/activate/", ActivateApp.as_view(), name="mfa_activate_totp"),
    path("webauthn/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", RemovePasskey.as_view(), name="mfa_remove_webauthn"),
]
