"""The pages of cases, and of the sessions that show them."""

from django.urls import path

from cases import (
    case_views,
    draft_views,
    follow_up_views,
    letter_views,
    library_views,
    recommendation_views,
    views,
)

app_name = "cases"

# Fixed words come before <echo_id>.
urlpatterns = [
    path("sessions/<int:pk>/", views.session_detail, name="session-detail"),
    path("cases/", case_views.case_list, name="case-list"),
    path("cases/library/", library_views.library, name="library"),
    path("cases/hub/", recommendation_views.hub_cases, name="hub-cases"),
    path("cases/start/<int:cycle_pk>/", draft_views.case_start, name="case-start"),
    path("cases/<str:echo_id>/", case_views.case_detail, name="case-detail"),
    path("cases/<str:echo_id>/check/", case_views.case_check, name="case-check"),
    path("cases/<str:echo_id>/summary/", case_views.case_summary, name="case-summary"),
    path("cases/<str:echo_id>/edit/", draft_views.case_edit, name="case-edit"),
    path("cases/<str:echo_id>/hints/", draft_views.case_hints, name="case-hints"),
    path("cases/<str:echo_id>/delete/", draft_views.case_delete, name="case-delete"),
    path("cases/<str:echo_id>/follow-up/", follow_up_views.case_follow_up, name="case-follow-up"),
    path("cases/<str:echo_id>/recommendations/", recommendation_views.case_recommend, name="case-recommend"),
    path("cases/<str:echo_id>/recommendations/sign/", recommendation_views.case_sign, name="case-sign"),
    path("cases/<str:echo_id>/letter/", letter_views.case_letter, name="case-letter"),
    path("cases/<str:echo_id>/letter.pdf", letter_views.case_letter_pdf, name="case-letter-pdf"),
]
