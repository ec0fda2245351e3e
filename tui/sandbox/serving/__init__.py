"""The sandbox as a server: the ASGI application, its faults, the process it runs in."""
