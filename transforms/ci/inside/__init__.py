"""What runs inside the sandbox, in the interpreter of a project (3.6 and newer), sent as text."""
