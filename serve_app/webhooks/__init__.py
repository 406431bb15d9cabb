"""Events told to the tenants' own servers, as Standard Webhooks 1.0 has it."""
