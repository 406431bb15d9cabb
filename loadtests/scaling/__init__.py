"""Figures of scaling on simulated models: the real ingress, store, conductor, policy and Ray over models that sleep."""
