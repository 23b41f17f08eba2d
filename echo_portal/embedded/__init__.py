"""PostgreSQL, Valkey, a mail catcher and a process supervisor for a machine that has none of them.

Nothing here imports Django, except `mail_page`: the services must start before settings can be read.
Why it is built this way: docs/decisions/embedded-services.md.
"""
