"""Two-tower recommendations: visitors and products in one space."""
