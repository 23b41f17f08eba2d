"""One's own profile and agreements."""

from django.urls import path

from participants import views

app_name = "participants"

urlpatterns = [
    path("profile/", views.profile_edit, name="profile-edit"),
    path("profile/category/", views.category_ask, name="category-ask"),
    path("agreements/", views.agreements, name="agreements"),
]
