"""The verbs of equipment. The unit of work carries the actor; a verb never commits."""
