"""Bytes that cross a border: frames, map geometry, video layer."""
