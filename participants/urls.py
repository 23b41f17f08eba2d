"""One's own profile, agreements and data."""

from django.urls import path

from participants import data_views, views

app_name = "participants"

urlpatterns = [
    path("profile/", views.profile_edit, name="profile-edit"),
    path("profile/category/", views.category_ask, name="category-ask"),
    path("agreements/", views.agreements, name="agreements"),
    path("accounts/sessions/<int:pk>/end/", views.session_end, name="session-end"),
    path("view/end/", views.view_end, name="view-end"),
    path("my/data/", data_views.own_data, name="own-data"),
    path("my/data/portal-data.json", data_views.own_data_json, name="own-data-json"),
    path("my/data/portal-data.html", data_views.own_data_html, name="own-data-html"),
    path("my/data/erase/", data_views.own_data_erase, name="own-data-erase"),
    path("data/erased/", data_views.own_data_erased, name="own-data-erased"),
]
