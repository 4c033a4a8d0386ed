"""Measurements that the claims of the project rest on."""
