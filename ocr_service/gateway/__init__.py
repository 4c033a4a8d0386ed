"""The service over HTTP: a Flask application that is a gRPC client of it.

Keys, limits of documents, errors and the log line of a call are the service's own. What is here is HTTP.

    client -> server.py, connection.py (waitress) -> app.py -> rest.py  -> request.py -> calls.py -> gRPC
                                                            -> older.py                         -> answer.py
"""
