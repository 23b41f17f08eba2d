"""Programs and how to join them."""

from django.urls import path

from sessions_app import views

app_name = "sessions_app"

urlpatterns = [
    path("", views.program_list, name="program-list"),
    path("programs/<slug:slug>/", views.program_detail, name="program-detail"),
    path("cycles/<int:pk>/apply/", views.cycle_apply, name="cycle-apply"),
]
