"""Says in every delivered file what it is, and reads it again."""
