"""Surveys."""

from django.urls import path

from surveys import views

app_name = "surveys"

urlpatterns = [
    path("surveys/", views.survey_list_view, name="survey-list"),
    path("surveys/<int:pk>/", views.response_edit, name="response-edit"),
    path("surveys/<int:pk>/<int:number>/", views.section_edit, name="section-edit"),
    path("surveys/<int:pk>/review/", views.response_review, name="response-review"),
    path("surveys/<int:pk>/done/", views.response_done, name="response-done"),
]
