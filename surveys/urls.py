"""Surveys."""

from django.urls import path

from surveys import views

app_name = "surveys"

urlpatterns = [path("surveys/<int:pk>/", views.response_edit, name="response-edit")]
