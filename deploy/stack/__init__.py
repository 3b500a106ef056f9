"""The whole shop on one machine: nginx, app servers, relay, a database server and Redis.

    python -m deploy.stack up|down|restart|status|clean

They are private processes below one folder, without Docker and without root. `make stack` is `up`.
"""
