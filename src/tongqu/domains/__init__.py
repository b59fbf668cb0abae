"""One folder per field of work. A folder that is deleted leaves the rest as it was."""
