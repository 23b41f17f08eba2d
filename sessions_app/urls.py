"""Programs, how to join them, and their calendar."""

from django.urls import path

from sessions_app import invitation_views, views

app_name = "sessions_app"

urlpatterns = [
    path("", views.program_list, name="program-list"),
    path("programs/<slug:slug>/", views.program_detail, name="program-detail"),
    path("cycles/<int:pk>/apply/", views.cycle_apply, name="cycle-apply"),
    path("cycles/<int:pk>/place/", views.cycle_place, name="cycle-place"),
    path("cycles/<int:pk>/withdraw/", views.cycle_withdraw, name="cycle-withdraw"),
    path("invitations/<str:token>/", invitation_views.invitation, name="invitation"),
    path("calendar/", views.calendar_settings, name="calendar"),
    path("calendar/<str:token>.ics", views.calendar_feed, name="calendar-feed"),
]
