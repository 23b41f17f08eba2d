"""What happens by itself, and when. Pure: the settings read it before Django is ready."""

from typing import Any

from celery.schedules import crontab


def schedule(*, poll_seconds: float) -> dict[str, dict[str, Any]]:
    """Celery's beat schedule; tables that are queues are looked at every `poll_seconds`.

    A round that nobody picked up in time expires: the next one finds the same work.
    """
    return {
        "outbox-deliver": {
            "task": "outbox.deliver_due",
            "schedule": poll_seconds,
            "options": {"expires": 60},
        },
        "sessions-waiting-lists": {
            "task": "sessions_app.tend_waiting_lists",
            "schedule": crontab(minute="*"),
            "options": {"expires": 60},
        },
        "sessions-invitations": {
            "task": "sessions_app.send_invitations",
            "schedule": poll_seconds,
            "options": {"expires": 60},
        },
        # By day, when people read their mail.
        "sessions-reminders": {
            "task": "sessions_app.remind_invited",
            "schedule": crontab(minute="10", hour="8-17"),
            "options": {"expires": 3000},
        },
        "sessions-tell-changes": {
            "task": "sessions_app.tell_changes",
            "schedule": 30.0,
            "options": {"expires": 60},
        },
        "sessions-remind": {
            "task": "sessions_app.remind_of_sessions",
            "schedule": crontab(minute="*"),
            "options": {"expires": 60},
        },
        "cases-presenters": {
            "task": "cases.remind_presenters",
            "schedule": crontab(minute="25", hour="8-17"),
            "options": {"expires": 3000},
        },
        "cases-presented": {
            "task": "cases.present_held_cases",
            "schedule": crontab(minute="5"),
            "options": {"expires": 3000},
        },
        "cases-follow-ups": {
            "task": "cases.ask_for_follow_ups",
            "schedule": crontab(hour=9, minute=40),
            "options": {"expires": 3600},
        },
        "surveys-windows": {
            "task": "surveys.tend_windows",
            "schedule": crontab(minute="*/10"),
            "options": {"expires": 600},
        },
        # By day, when people read their mail.
        "surveys-ask": {
            "task": "surveys.ask_due",
            "schedule": crontab(minute="*/10", hour="8-19"),
            "options": {"expires": 600},
        },
        "surveys-screen": {
            "task": "surveys.screen_answers",
            "schedule": crontab(minute="*"),
            "options": {"expires": 60},
        },
        "participants-finish-erasures": {
            "task": "participants.finish_erasures",
            "schedule": crontab(hour=3, minute=20),
            "options": {"expires": 3600},
        },
        "credits-render": {
            "task": "credits.render_due",
            "schedule": poll_seconds,
            "options": {"expires": 60},
        },
        "credits-close": {
            "task": "credits.close_due_cycles",
            "schedule": crontab(minute="*/10"),
            "options": {"expires": 600},
        },
        "credits-late": {
            "task": "credits.issue_late_finishers",
            "schedule": crontab(minute="*"),
            "options": {"expires": 60},
        },
        "credits-audit-packs": {
            "task": "credits.make_audit_packs",
            "schedule": poll_seconds,
            "options": {"expires": 60},
        },
        "credits-reconcile": {
            "task": "credits.reconcile",
            "schedule": crontab(minute="35"),
            "options": {"expires": 3000},
        },
    }
