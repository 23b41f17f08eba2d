"""Health, accessibility, privacy, and the catalogue of components."""

from django.urls import path

from core import views

app_name = "core"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("accessibility/", views.page, {"template": "core/accessibility.html"}, name="accessibility"),
    path("components/", views.components, name="components"),
    path("privacy/", views.page, {"template": "core/privacy.html"}, name="privacy"),
]
