"""ECHO Portal: settings, URL map, workers and the services of a bare machine."""

from echo_portal.celery import app as celery_app

__all__ = ["celery_app"]
