"""Delivery status notifications as mail servers write them (RFC 3464, RFC 6533)."""

from __future__ import annotations

REASON = "smtp; 550 5.1.1 <person@clinic.example>: no such user"


def notification(
    message_id: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = REASON,
    report_type: str = "delivery-status",
    returned: str = "message/rfc822",
    status_part: str = "message/delivery-status",
    extra: str = "",
) -> bytes:
    """What comes back: words for people, fields for machines, and what was sent."""
    return f"""\
From: MAILER-DAEMON@mx.example
To: portal@echo.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={report_type};
\tboundary="=_b"

--=_b
Content-Type: text/plain

Your message could not be delivered.

--=_b
Content-Type: {status_part}

Reporting-MTA: dns; mx.example
Arrival-Date: Thu, 26 Nov 2026 10:00:00 -0500

Final-Recipient: rfc822; person@clinic.example
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--=_b
Content-Type: {returned}

From: ECHO Portal <portal@echo.example>
To: person@clinic.example
Subject: Your certificate
Message-ID: {message_id}

{extra}
--=_b--
""".encode()
