"""Tables, migrations and files."""
