"""Bastion Guard."""
