"""An invoice as PDF."""

from __future__ import annotations

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas
from shoplib.models import Customer, Order

from order_worker.pricing import line_total

TOP, LEFT, STEP = 780, 60, 18


def render(order: Order, customer: Customer) -> bytes:
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=A4)
    page.setFont("Helvetica-Bold", 16)
    page.drawString(LEFT, TOP, f"Invoice {order.id}")
    page.setFont("Helvetica", 10)
    page.drawString(LEFT, TOP - STEP, customer.email)
    y = TOP - 3 * STEP
    for line in order.lines:
        page.drawString(LEFT, y, f"{line.quantity} x {line.product.title}")
        page.drawRightString(520, y, str(line_total(line)))
        y -= STEP
        if y < 80:
            page.showPage()
            y = TOP
    page.drawRightString(520, y - STEP, f"Total {order.total}")
    page.save()
    return buffer.getvalue()
