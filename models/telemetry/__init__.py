"""What the service tells of itself: metrics, traces, and the ids that its log lines carry."""
