"""What full-size models cost on one GPU: ceilings, steps, stages and whole pictures, with seeded random weights."""
