"""`make run` and `make start`: the whole system as one command, on one machine, without services.

It prepares the database, starts the processes, restarts what dies, and stops all of them when it
ends.
"""
