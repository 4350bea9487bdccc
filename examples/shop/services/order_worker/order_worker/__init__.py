"""Orders after the payment: stock, prices, invoices, mail, statistics."""
