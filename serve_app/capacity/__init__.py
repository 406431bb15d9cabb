"""The capacity twin: a simulation of the graph that decides with the service's own policies; no Ray, no HTTP."""
