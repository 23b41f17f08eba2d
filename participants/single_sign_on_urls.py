"""The pages of single sign-on; the URL map has them only where a provider is configured."""

from django.urls import include, path

from participants import single_sign_on_views as views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
    path("sso/", include("allauth.socialaccount.urls")),
]
