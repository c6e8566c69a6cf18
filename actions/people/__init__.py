"""Register people, give them roles and delegations, reach them, and forget them."""
