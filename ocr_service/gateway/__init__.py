"""The service over HTTP: a Flask application that is a gRPC client of it.

Keys, limits of documents, errors and the log line of a call are the service's own. What is here is
HTTP.

    client -> http_server.py, connection.py, arrival.py, body.py (waitress) -> app.py
        -> rest.py, batch.py, older/ -> request.py -> front.py -> calls.py -> gRPC
    client <- to_json.py, refusal.py <-----------------------------------------+
"""
