"""What a run tells of its source, and what can be read of it in the output. How networks are trained privately lies in `training`."""
