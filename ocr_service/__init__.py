"""Reads text from images and documents, over gRPC."""
