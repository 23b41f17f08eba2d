"""The page of a session, with its cases."""

from django.urls import path

from cases import views

app_name = "cases"

urlpatterns = [path("sessions/<int:pk>/", views.session_detail, name="session-detail")]
