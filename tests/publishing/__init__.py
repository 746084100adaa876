"""Tests of what publishes captures to Redis: real servers, real files."""
