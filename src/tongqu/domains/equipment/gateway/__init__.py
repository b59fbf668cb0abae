"""The JT/T 808 gateway: TCP connections of terminals, durable before acknowledged. See README.md beside it."""
