"""What people read of DATA: one HTML page, made from the catalogue."""
