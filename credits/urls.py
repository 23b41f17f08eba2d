"""A participant's home, certificates, and the page on which anybody verifies one."""

from django.urls import path

from credits import views

app_name = "credits"

urlpatterns = [
    path("my/", views.home, name="home"),
    path("my/cycles/<int:pk>/", views.cycle_detail, name="cycle-detail"),
    path("my/certificates/", views.certificate_list, name="certificate-list"),
    path("my/certificates/<str:number>.pdf", views.certificate_download, name="certificate-download"),
    path("verify/", views.verify_form, name="verify-form"),
    path("verify/<str:token>/", views.certificate_verify, name="certificate-verify"),
]
