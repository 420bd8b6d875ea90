"""What a run tells of its source. How networks are trained privately lies in `training`."""
