"""What a run tells of its source, and what its output does. How networks are trained privately lies in `training`."""
