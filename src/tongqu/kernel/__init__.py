"""What every domain needs, written once. It knows no transport task."""
