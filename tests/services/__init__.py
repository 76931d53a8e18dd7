"""Flows on a real store, without the wire."""
