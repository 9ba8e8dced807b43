"""Methods of unittest as functions that run beside the candidate."""
