"""The portal's URL map as it is where a provider is configured."""

from django.urls import include, path

from echo_portal.urls import urlpatterns as portal

urlpatterns = [*portal, path("accounts/", include("participants.single_sign_on_urls"))]
