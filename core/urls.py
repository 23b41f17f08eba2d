"""Health, accessibility and privacy."""

from django.urls import path

from core import views

app_name = "core"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("accessibility/", views.page, {"template": "core/accessibility.html"}, name="accessibility"),
    path("privacy/", views.page, {"template": "core/privacy.html"}, name="privacy"),
]
