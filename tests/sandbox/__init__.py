"""Tests of the local Bot API server and its chat page."""
