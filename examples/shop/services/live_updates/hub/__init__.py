"""The hub holds one websocket per open browser tab and forwards what happens to orders and prices."""
