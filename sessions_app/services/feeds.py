"""The secret addresses of personal calendars."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core import audit
from participants.models import User
from sessions_app.models import CalendarFeed
from sessions_app.models.registration import new_feed_token


def calendar_feed(user: User) -> CalendarFeed:
    """The person's calendar, made when it is first asked for; at once by two, it is one."""
    feed = CalendarFeed.objects.filter(user=user).first()
    return feed or CalendarFeed.objects.get_or_create(user=user)[0]


def feed_url(user: User) -> str:
    """The whole address of the person's calendar, as calendar programs subscribe to it."""
    path = reverse("sessions_app:calendar-feed", args=[calendar_feed(user).token])
    return settings.PORTAL_URL + path


@transaction.atomic
def renew_feed(*, user: User, by: User, now: datetime) -> CalendarFeed:
    """Exchange the calendar's address for a new one: whoever was given the old one sees nothing any more."""
    feed = CalendarFeed.objects.select_for_update().get(pk=calendar_feed(user).pk)
    with audit.act("calendar.renew", by=by):
        feed.token, feed.made_at = new_feed_token(), now
        feed.save(update_fields=["token", "made_at"])
    return feed
