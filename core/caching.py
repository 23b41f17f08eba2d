"""What no cache keeps."""

from django.views.decorators.cache import cache_control

no_store = cache_control(no_store=True, private=True)
"""For every view that shows what somebody wrote in confidence: no cache keeps it, the browser's own included."""
