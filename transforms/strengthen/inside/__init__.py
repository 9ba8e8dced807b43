"""What runs in the sandbox for a problem: its programs, counted and changed, on many inputs.

The files are shipped as text (`transforms/strengthen/driver_text.py`), so they import one another
and the standard library alone. What a foreign program does to them in its process falsifies no
more than the numbers of its own problem.
"""
