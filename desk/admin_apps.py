"""Django's administration with the portal's site: INSTALLED_APPS names this instead of django.contrib.admin."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """All that registers with `admin.site` registers with ours."""

    default_site = "desk.site.PortalAdminSite"
