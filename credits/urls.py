"""A participant's home, certificates, and the page on which anybody verifies one."""

from django.urls import path

from credits import verification_views, views

app_name = "credits"

urlpatterns = [
    path("my/", views.home, name="home"),
    path("my/cycles/<int:pk>/", views.cycle_detail, name="cycle-detail"),
    path("my/cycles/<int:pk>/credits/", views.ledger_detail, name="ledger-detail"),
    path("my/cycles/<int:pk>/credits.csv", views.ledger_csv, name="ledger-csv"),
    path("my/certificates/", views.certificate_list, name="certificate-list"),
    path("my/certificates/<str:number>.pdf", views.certificate_download, name="certificate-download"),
    path("verify/", verification_views.verify_form, name="verify-form"),
    path("verify/file/", verification_views.verify_file, name="verify-file"),
    path("verify/<str:token>/", verification_views.certificate_verify, name="certificate-verify"),
]
