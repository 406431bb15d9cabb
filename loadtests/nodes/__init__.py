"""The service on several nodes of one machine: nodes that die and updates, under load."""
