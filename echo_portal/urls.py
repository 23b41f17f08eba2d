"""The URL map: every app brings its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

admin.autodiscover()

urlpatterns = [
    path("", include("core.urls")),
    path("", include("sessions_app.urls")),
    path("", include("participants.urls")),
    path("", include("surveys.urls")),
    path("", include("cases.urls")),
    path("", include("credits.urls")),
    path("accounts/", include("allauth.account.urls")),
    # Before allauth's own, some of whose pages it replaces.
    path("accounts/2fa/", include("participants.second_factor_urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]

if settings.OIDC_ISSUER:
    urlpatterns.append(path("accounts/", include("participants.single_sign_on_urls")))
if settings.MAIL_CATCHER_DIR:
    urlpatterns.append(path("dev/mail/", include("echo_portal.embedded.mail_page")))
