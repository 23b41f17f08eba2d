"""One's own profile."""

from django.urls import path

from participants import views

app_name = "participants"

urlpatterns = [path("profile/", views.profile_edit, name="profile-edit")]
