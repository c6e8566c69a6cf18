"""The load: clients in processes of their own, each noting on disk what was acknowledged before it goes on."""
