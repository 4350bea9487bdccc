"""Outgoing mail over SMTP."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

from shoplib.settings import load

SENDER = "shop@example.com"


def send(to: str, subject: str, body: str, attachment: bytes | None = None) -> None:
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = to
    message["Subject"] = subject
    message.set_content(body)
    if attachment is not None:
        message.add_attachment(attachment, maintype="application", subtype="pdf", filename="invoice.pdf")
    with smtplib.SMTP(load().smtp_host, 25, timeout=20) as server:
        server.send_message(message)
