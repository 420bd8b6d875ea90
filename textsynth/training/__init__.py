"""How any network learns: loop, schedule, device, checkpoint, what is held out, differential privacy."""
