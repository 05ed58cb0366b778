"""What people and programs call: the command line, its files in and out, and what it shows."""
