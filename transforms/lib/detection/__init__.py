"""Finds secrets and personal data in texts, and puts masks in their place.

What is found is a range of bytes with a kind, never a value: no value leaves these modules.
"""
