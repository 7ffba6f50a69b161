"""`make run` and `make start`: the whole system as one command, on one machine, without services.

It prepares the database, starts the processes, restarts what dies, and takes all down with it.
"""
