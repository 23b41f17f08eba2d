"""Programs, how to join them, and their calendar."""

from django.urls import path

from sessions_app import (
    calendar_views,
    check_in_views,
    invitation_views,
    material_views,
    schedule_views,
    slot_views,
    views,
)

app_name = "sessions_app"

urlpatterns = [
    path("", views.program_list, name="program-list"),
    path("programs/<slug:slug>/", views.program_detail, name="program-detail"),
    path("cycles/<int:pk>/schedule/", schedule_views.cycle_schedule, name="cycle-schedule"),
    path("cycles/<int:pk>/present/", slot_views.cycle_slots, name="cycle-slots"),
    path("my/schedule/", schedule_views.my_schedule, name="my-schedule"),
    path("cycles/<int:pk>/apply/", views.cycle_apply, name="cycle-apply"),
    path("cycles/<int:pk>/place/", views.cycle_place, name="cycle-place"),
    path("cycles/<int:pk>/withdraw/", views.cycle_withdraw, name="cycle-withdraw"),
    path("invitations/<str:token>/", invitation_views.invitation, name="invitation"),
    path("sessions/<int:pk>/check-in/", check_in_views.check_in_page, name="check-in"),
    path("sessions/materials/<int:pk>/", material_views.material, name="material"),
    path("sessions/<int:pk>/session.ics", calendar_views.session_calendar_file, name="session-calendar"),
    path("calendar/", calendar_views.calendar_settings, name="calendar"),
    path("calendar/<str:token>.ics", calendar_views.calendar_feed, name="calendar-feed"),
]
